"""The database itself refuses to change or remove what the log holds.

SQLite drops triggers together with the table it rebuilds: a later migration that alters one of these tables
there has to put them back (tests/audit/test_triggers.py tells).
"""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_event_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_link_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_link
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_keep BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head
    FOR EACH ROW WHEN (NEW.number <= OLD.number) EXECUTE FUNCTION audit_refuse();
"""

POSTGRESQL_BACK = """
DROP TRIGGER audit_event_keep ON audit_event;
DROP TRIGGER audit_link_keep ON audit_link;
DROP TRIGGER audit_head_keep ON audit_head;
DROP TRIGGER audit_head_forward ON audit_head;
DROP FUNCTION audit_refuse();
"""

SQLITE = {
    "audit_event_no_update": "BEFORE UPDATE ON audit_event",
    "audit_event_no_delete": "BEFORE DELETE ON audit_event",
    # INSERT OR REPLACE removes the row that was there, unseen by the trigger on DELETE.
    "audit_event_no_replace": "BEFORE INSERT ON audit_event"
    " WHEN EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id OR uid = NEW.uid)",
    "audit_link_no_replace": "BEFORE INSERT ON audit_link WHEN EXISTS"
    " (SELECT 1 FROM audit_link WHERE number = NEW.number OR event_id = NEW.event_id OR previous = NEW.previous)",
    "audit_link_no_update": "BEFORE UPDATE ON audit_link",
    "audit_link_no_delete": "BEFORE DELETE ON audit_link",
    "audit_head_no_delete": "BEFORE DELETE ON audit_head",
    "audit_head_forward": "BEFORE UPDATE ON audit_head WHEN NEW.number <= OLD.number",
}


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        return
    for name, when in SQLITE.items():
        refuse = "SELECT RAISE(ABORT, 'The audit log is append-only.');"
        schema_editor.execute(f"CREATE TRIGGER {name} {when} BEGIN {refuse} END", params=None)


def unprotect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_BACK, params=None)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(protect, unprotect)]
