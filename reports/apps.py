from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from reports.exports import report_file
        from reports.models import ReportFile
        from reports.services import files

        files.register(ReportFile.Kind.REPORT, report_file.MAKER)
