"""The columns of the register file, in the order of contracts/register.md, and what each holds."""

from cases.enums import BACK_AT_SCHOOL, State

#: A row in one spelling: ISO days, codes as in `cases.enums`, normalised numbers, `ja`/`nee`, "" for unknown.
Row = dict[str, str]

COLUMNS = (
    "dossier",
    "swv",
    "vestiging",
    "voornaam",
    "achternaam",
    "geboortedatum",
    "woongemeente",
    "sector",
    "leerjaar",
    "ingeschreven",
    "eerste_verzuimdag",
    "omvang",
    "geoorloofd",
    "ziek",
    "kan_deels",
    "vrijstelling",
    "vrijstelling_van",
    "vrijstelling_tot",
    "aanbod",
    "aanbod_sinds",
    "reden",
    "gemeld_op",
    "arrangement_op",
    "afstand_op",
    "terugkeer_op",
    "afgesloten_op",
    "bestemming",
    "teruggekeerd_op",
)

#: What a file and each row must have (but a pupil who is enrolled nowhere may have no `vestiging`).
REQUIRED = (
    "dossier",
    "swv",
    "vestiging",
    "voornaam",
    "achternaam",
    "geboortedatum",
    "woongemeente",
    "sector",
    "ingeschreven",
    "eerste_verzuimdag",
    "omvang",
    "geoorloofd",
    "gemeld_op",
)

#: The states that have a day of their own; states of one day come in this order.
STATE_DAYS = {
    "arrangement_op": State.ARRANGEMENT,
    "afstand_op": State.REMOTE_EDUCATION,
    "terugkeer_op": State.RETURN,
}

#: Columns that together say in which state a case is.
OF_STATE = (*STATE_DAYS, "afgesloten_op", "bestemming")

#: Days that cannot lie in the future.
PAST_DAYS = (
    "geboortedatum",
    "eerste_verzuimdag",
    "aanbod_sinds",
    "gemeld_op",
    *STATE_DAYS,
    "afgesloten_op",
    "teruggekeerd_op",
)

DAYS = (*PAST_DAYS, "vrijstelling_van", "vrijstelling_tot")


def default_back_on(row: Row) -> str:
    """The day back at school where the file gives none: that of closing, for a destination that means back at
    school. Not where that would be the first day absent itself, which no file may say."""
    closed = row["afgesloten_op"]
    means_back = row["bestemming"] in BACK_AT_SCHOOL and closed > row["eerste_verzuimdag"]
    return closed if means_back else ""
