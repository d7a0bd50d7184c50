"""docs/workflow.md and docs/permissions.md, written from the code (`manage.py write_docs`), never by hand."""

from django.utils.translation import override

from accounts.roles import Role
from cases.enums import State
from cases.models import Case
from cases.models.conditions import SENTENCES
from cases.permissions import ALL_RIGHTS, RIGHTS, SECTIONS

FROM_CODE = "<!-- Written by `manage.py write_docs` from the code. Do not edit. -->\n"


def workflow() -> str:
    """The workflow as a diagram and a table."""
    moves = sorted(
        Case(state=State.SIGNALLED).get_all_state_transitions(),
        key=lambda t: (State.values.index(t.source), t.name, State.values.index(t.target)),
    )
    with override("en"):
        diagram = "\n".join(f"    {t.source} --> {t.target}: {t.name}" for t in moves)
        states = "\n".join(f'    state "{state.label}" as {state.value}' for state in State)
        table = "\n".join(
            f"| {t.name} | {t.source} | {t.target} | {t.permission.right} | {_conditions(t)} |" for t in moves
        )
        sentences = "\n".join(f"| {name} | {sentence} |" for name, sentence in SENTENCES.items())
    return f"""{FROM_CODE}
# The workflow of a case

Every pair of states that is not listed is refused. The code: `cases/models/workflow.py`, its conditions in
`cases/models/conditions.py`.

```mermaid
stateDiagram-v2
{states}
    [*] --> signalled: signal
{diagram}
```

| transition | from | to | right | conditions |
|---|---|---|---|---|
{table}

## What a user reads where a condition does not hold

| condition | sentence |
|---|---|
{sentences}
"""


def permissions() -> str:
    """Who may do what, and which part of a case each role reads and writes."""
    with override("en"):
        head = "| role | " + " | ".join(ALL_RIGHTS) + " |\n|---" + "|---" * len(ALL_RIGHTS) + "|"
        rights = "\n".join(
            f"| {role.label} | "
            + " | ".join("yes" if right in RIGHTS.get(role, frozenset()) else "no" for right in ALL_RIGHTS)
            + " |"
            for role in Role
        )
        roles = list(RIGHTS)
        titles = " | ".join(str(Role(role).label) for role in roles)
        sections_head = f"| section | {titles} |\n|---" + "|---" * len(roles) + "|"
        sections = "\n".join(
            f"| {section} | " + " | ".join(reaches[role] for role in roles) + " |"
            for section, reaches in SECTIONS.items()
        )
    return f"""{FROM_CODE}
# Who may do what

## Rights on a case within reach

Within reach: for a coordinator the cases of the own school or site, for a case manager those of the
partnership, for partners those in which they take part. Nobody has a right on all cases, not even a
superuser. The code: `cases/permissions.py` and `cases/access.py`.

{head}
{rights}

## Parts of a case

{sections_head}
{sections}
"""


def _conditions(transition) -> str:  # type: ignore[no-untyped-def]
    return ", ".join(condition.__name__ for condition in transition.conditions)
