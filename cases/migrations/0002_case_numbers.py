"""A sequence for each year, so that taking a case number never waits for another transaction (PostgreSQL)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

YEARS = range(2000, 2101)


def make_sequences(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for year in YEARS:
            schema_editor.execute(f"CREATE SEQUENCE cases_number_{year} AS bigint")


def drop_sequences(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for year in YEARS:
            schema_editor.execute(f"DROP SEQUENCE cases_number_{year}")


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [migrations.RunPython(make_sequences, drop_sequences)]
