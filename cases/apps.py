from django.apps import AppConfig
from django.urls import ResolverMatch


class CasesConfig(AppConfig):
    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases import checks, notices  # noqa: F401  # checks register themselves
        from cases.queries import worklist
        from cases.services.demo import work_on_cases
        from common.registry import register

        notices.register_all()
        worklist.register_sources()
        register("audit_target", _case_of_address)
        register("load_demo", work_on_cases)


def _case_of_address(match: ResolverMatch) -> str:
    """What a refused page was about, for the log."""
    number = match.kwargs.get("number", "")
    return f"case {str(number).upper()}" if number else ""
