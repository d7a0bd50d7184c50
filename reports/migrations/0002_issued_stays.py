"""The database itself refuses to change or remove a version that was issued, and the lines behind it.

SQLite drops triggers together with the table it rebuilds: a later migration that alters one of these tables
there has to put them back (tests/reports/test_triggers.py tells).
"""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION reports_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An issued report stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME;
END
$$;
CREATE FUNCTION reports_refuse_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN touched := ARRAY[NEW.version_id];
    ELSIF TG_OP = 'DELETE' THEN touched := ARRAY[OLD.version_id];
    ELSE touched := ARRAY[OLD.version_id, NEW.version_id];
    END IF;
    IF EXISTS (SELECT 1 FROM reports_version WHERE id = ANY (touched) AND issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'An issued report stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION reports_refuse_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reports_version WHERE issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'An issued report stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER reports_version_keep BEFORE UPDATE OR DELETE ON reports_version
    FOR EACH ROW WHEN (OLD.issued_at IS NOT NULL) EXECUTE FUNCTION reports_refuse();
CREATE TRIGGER reports_version_not_emptied BEFORE TRUNCATE ON reports_version
    FOR EACH STATEMENT EXECUTE FUNCTION reports_refuse_empty();
CREATE TRIGGER reports_lines_keep BEFORE INSERT OR UPDATE OR DELETE ON reports_versionlines
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_lines();
CREATE TRIGGER reports_lines_not_emptied BEFORE TRUNCATE ON reports_versionlines
    FOR EACH STATEMENT EXECUTE FUNCTION reports_refuse_empty();
"""

POSTGRESQL_BACK = """
DROP TRIGGER reports_version_keep ON reports_version;
DROP TRIGGER reports_version_not_emptied ON reports_version;
DROP TRIGGER reports_lines_keep ON reports_versionlines;
DROP TRIGGER reports_lines_not_emptied ON reports_versionlines;
DROP FUNCTION reports_refuse();
DROP FUNCTION reports_refuse_lines();
DROP FUNCTION reports_refuse_empty();
"""


ISSUED = "SELECT 1 FROM reports_version WHERE issued_at IS NOT NULL AND id IN"

SQLITE = {
    "reports_version_no_update": "BEFORE UPDATE ON reports_version WHEN OLD.issued_at IS NOT NULL",
    "reports_version_no_delete": "BEFORE DELETE ON reports_version WHEN OLD.issued_at IS NOT NULL",
    # INSERT OR REPLACE removes the row that was there, unseen by the trigger on DELETE.
    "reports_version_no_replace": "BEFORE INSERT ON reports_version WHEN EXISTS (SELECT 1 FROM reports_version"
    " WHERE issued_at IS NOT NULL AND (id = NEW.id OR (partnership_id = NEW.partnership_id"
    " AND first_day = NEW.first_day AND last_day = NEW.last_day AND definition = NEW.definition"
    " AND number = NEW.number)))",
    "reports_lines_no_insert": f"BEFORE INSERT ON reports_versionlines WHEN EXISTS ({ISSUED} (NEW.version_id))",
    "reports_lines_no_update": "BEFORE UPDATE ON reports_versionlines"
    f" WHEN EXISTS ({ISSUED} (OLD.version_id, NEW.version_id))",
    "reports_lines_no_delete": f"BEFORE DELETE ON reports_versionlines WHEN EXISTS ({ISSUED} (OLD.version_id))",
}


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        return
    for name, when in SQLITE.items():
        refuse = "SELECT RAISE(ABORT, 'An issued report stays as it is.');"
        schema_editor.execute(f"CREATE TRIGGER {name} {when} BEGIN {refuse} END", params=None)


def unprotect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_BACK, params=None)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunPython(protect, unprotect)]
