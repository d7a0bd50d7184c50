"""Who may do what with a case, declared once as data (contracts/rights.csv and sections.csv).

Seeing a case is a granted permission (cases/access.py); what somebody may do with a case that he sees follows
from the
role through which he sees it. Grants, buttons, forms, exports, docs/permissions.md and tests derive from
these tables.
"""

from enum import StrEnum

from accounts.roles import Role

VIEW = "view_case"
CONTRIBUTE = "contribute_case"
MANAGE = "manage_case"
DECIDE = "decide_case"
SHARE = "share_case"

ALL_RIGHTS = (VIEW, CONTRIBUTE, MANAGE, DECIDE, SHARE)

#: What a role may do with a case that is within its reach. A role that is not here has no right on any case.
RIGHTS: dict[str, frozenset[str]] = {
    Role.COORDINATOR: frozenset({VIEW, CONTRIBUTE, MANAGE, SHARE}),
    Role.CASE_MANAGER: frozenset({VIEW, CONTRIBUTE, MANAGE, DECIDE, SHARE}),
    Role.CARE_WORKER: frozenset({VIEW, CONTRIBUTE}),
    Role.ATTENDANCE_OFFICER: frozenset({VIEW, CONTRIBUTE}),
}

#: Roles that reach a case through an accepted participation only.
PARTNER_ROLES = frozenset({Role.CARE_WORKER, Role.ATTENDANCE_OFFICER})


class Section(StrEnum):
    """The parts of a case file."""

    IDENTITY = "identity and school"
    ATTENDANCE = "attendance facts"
    REASONS = "reason codes"
    PLANS = "plans and agreements"
    VOICE = "pupil's voice"
    OWN_ACTIONS = "own actions"
    NOTES = "notes and contact moments"
    CARE_NOTES = "care notes"
    DOCUMENTS = "documents"
    MEETINGS = "meeting reports"
    EXEMPTION = "exemption (fact and dates)"
    ACCESS = "who has access"
    READ_LOG = "log of reads"


class Reach(StrEnum):
    """How far a role reads or writes in a section."""

    NONE = "none"
    READ = "read"
    READ_WRITE = "read write"
    OWN_AND_SHARED = "own organisation and shared"
    OWN = "own organisation"
    SHARED_ONLY = "shared only"
    LEAD_ONLY = "case lead only"
    BY_CATEGORY = "by category"
    PARTICIPANTS = "participants"


_ROLES = (Role.COORDINATOR, Role.CASE_MANAGER, Role.CARE_WORKER, Role.ATTENDANCE_OFFICER)
_N, _R, _RW = Reach.NONE, Reach.READ, Reach.READ_WRITE

SECTIONS: dict[Section, dict[str, Reach]] = {
    section: dict(zip(_ROLES, reaches, strict=True))
    for section, reaches in {
        Section.IDENTITY: (_RW, _RW, _R, _R),
        Section.ATTENDANCE: (_RW, _RW, _R, _R),
        Section.REASONS: (_RW, _RW, _R, Reach.SHARED_ONLY),
        Section.PLANS: (_RW, _RW, _R, _R),
        Section.VOICE: (_RW, _RW, _R, _N),
        Section.OWN_ACTIONS: (_RW, _RW, _RW, _RW),
        Section.NOTES: (_RW, _RW, Reach.OWN_AND_SHARED, Reach.OWN_AND_SHARED),
        Section.CARE_NOTES: (_N, _N, Reach.OWN, _N),
        Section.DOCUMENTS: (Reach.BY_CATEGORY,) * 4,
        Section.MEETINGS: (Reach.PARTICIPANTS,) * 4,
        Section.EXEMPTION: (_RW, _RW, _N, _R),
        Section.ACCESS: (_R, _R, _N, _N),
        Section.READ_LOG: (Reach.LEAD_ONLY, Reach.LEAD_ONLY, _N, _N),
    }.items()
}

#: From least to most, for somebody who sees a case through more than one role.
_ORDER = (
    Reach.NONE,
    Reach.SHARED_ONLY,
    Reach.LEAD_ONLY,
    Reach.OWN,
    Reach.OWN_AND_SHARED,
    Reach.PARTICIPANTS,
    Reach.BY_CATEGORY,
    Reach.READ,
    Reach.READ_WRITE,
)


def rights_of(roles: frozenset[str]) -> frozenset[str]:
    """The rights that roles give together on a case within their reach."""
    return frozenset().union(*(RIGHTS.get(role, frozenset()) for role in roles))


def reach_of(section: Section, roles: frozenset[str]) -> Reach:
    """The widest reach that roles give in a section."""
    return max(
        (SECTIONS[section].get(role, Reach.NONE) for role in roles), key=_ORDER.index, default=Reach.NONE
    )


def readable_sections(roles: frozenset[str]) -> frozenset[Section]:
    """The sections of which these roles read the whole (not: only what was shared, or only the case lead)."""
    return frozenset(s for s in Section if reach_of(s, roles) in (Reach.READ, Reach.READ_WRITE))


def writable_sections(roles: frozenset[str]) -> frozenset[Section]:
    """The sections in which these roles write."""
    return frozenset(s for s in Section if reach_of(s, roles) == Reach.READ_WRITE)
