from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import doctor, receivers
        from common.registry import register

        receivers.connect()
        register("doctor", doctor.log)
