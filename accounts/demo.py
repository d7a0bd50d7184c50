"""The people of the demo: one for each role, around the partnership for secondary education."""

from accounts.roles import Role

PASSWORD = "Terugkeer-demo-2026"  # noqa: S105  # known to everybody: load_demo refuses to run in production

NAMES = {
    Role.COORDINATOR: "Sanne Visser",
    Role.CASE_MANAGER: "Mehmet Yildiz",
    Role.REPORTER: "Ilse de Graaf",
    Role.ADMINISTRATOR: "Anouk Bakker",
    Role.PRIVACY_OFFICER: "Pieter Hofstra",
    Role.CARE_WORKER: "Farah el Amrani",
    Role.ATTENDANCE_OFFICER: "Joost van Dam",
    Role.PLATFORM_OPERATOR: "Thea Kuipers",
}


def address(role: Role) -> str:
    return f"{role.value}@demo.example"
