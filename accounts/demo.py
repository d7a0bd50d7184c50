"""The people of the demo: one for each role."""

from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.roles import Role

# Known to everybody: load_demo refuses to run in production.
DEMO_PASSWORD = "Terugkeer-demo-2026"  # noqa: S105

NAMES = {
    Role.COORDINATOR: "Sanne Visser",
    Role.CASE_MANAGER: "Mehmet Yıldız",
    Role.REPORTER: "Ilse de Graaf",
    Role.ADMINISTRATOR: "Anouk Bakker",
    Role.PRIVACY_OFFICER: "Pieter Hofstra",
    Role.CARE_WORKER: "Farah el Amrani",
    Role.ATTENDANCE_OFFICER: "Joost van Dam",
    Role.PLATFORM_OPERATOR: "Thea Kuipers",
}


@dataclass(frozen=True)
class DemoAccount:
    role: Role
    name: str

    @property
    def email(self) -> str:
        return f"{self.role.value}@demo.example"

    @property
    def label(self) -> str | Promise:
        return self.role.label


def demo_accounts() -> list[DemoAccount]:
    return [DemoAccount(role, name) for role, name in NAMES.items()]
