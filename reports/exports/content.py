"""What every file of a report says, in words and in its order, so that the files cannot differ."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.enums import FITTING_OFFERS, Category, Offer, State
from cases.rules import Threshold
from reports.enums import MEMBERS, Definition
from reports.rules.document import Document, Flow, Row
from reports.rules.figures import Middle
from reports.rules.shown import HIDDEN, SMALL

#: What makes somebody a member, by category; `%(threshold)s` is that of the partnership.
MEANINGS = {
    Category.LONG: gettext_lazy(
        "long unauthorised absence (lrv): enrolled, not exempt, absent full time without leave or only partly"
        " with leave, for %(threshold)s"
    ),
    Category.ABSOLUTE: gettext_lazy(
        "not enrolled (absoluut verzuim): enrolled nowhere and not exempt, from the first day on"
    ),
    Category.ILL_PARTLY: gettext_lazy(
        "ill but able to attend partly: enrolled, not exempt, absent full time for %(threshold)s"
    ),
    Category.EXEMPT_5A: gettext_lazy(
        "exempt under article 5a: an exemption on physical or mental grounds is valid"
    ),
}


@dataclass(frozen=True)
class Fact:
    """A line of the block on top of a file. `value` in its own type; `text` is how it reads."""

    key: str
    label: str
    value: str | int | dt.date

    @property
    def text(self) -> str:
        if isinstance(self.value, dt.date):
            return date_format(self.value, "j F Y")
        return str(self.value)


@dataclass(frozen=True)
class Median:
    """A median of calendar days over `number` stays; `days` is None where there are none or too few to
    tell."""

    table: str
    key: str
    label: str
    number: int
    days: float | None


def title(document: Document) -> str:
    return _("Thuiszitters in %(period)s") % {"period": document.period}


def organisation(document: Document) -> str:
    return f"{document.organisation_name} ({document.organisation})"


def header(document: Document) -> list[Fact]:
    """Whose figures these are, of when, by which definition, and what may be done with them."""
    facts = [
        Fact("organisation", document.kind or _("Partnership"), organisation(document)),
        Fact("period", _("Period"), str(document.period)),
        Fact("from", _("First day"), document.period.first),
        Fact("to", _("Last day"), document.period.last),
        Fact("definition", _("Definition"), str(Definition(document.definition).label)),
        Fact("counted", _("Who is counted"), meaning(document)),
        Fact("threshold", _("Threshold"), threshold_words(document.threshold)),
        Fact("known_at", _("As known at"), moment(document.known_at)),
        Fact("version", _("Version"), version_words(document)),
    ]
    if document.part:
        facts.append(Fact("part", _("Only"), document.part))
    if document.number:
        facts.append(Fact("digest", _("Digest (SHA-256)"), document.digest))
    if document.comment:
        facts.append(Fact("comment", _("Comment"), document.comment))
    return [*facts, Fact("numbers", _("Numbers"), handling(document))]


def key_figures(document: Document) -> list[Row]:
    shown = document.shown
    return [
        Row("start", _("At home at the start"), shown.start),
        Row("inflow", _("Inflow"), shown.inflow),
        Row("outflow", _("Outflow"), shown.outflow),
        Row("end", _("At home at the end"), shown.end),
        Row("reentries", _("Of the inflow: at home before"), shown.reentries),
        Row("with_offer", _("With a fitting offer"), shown.with_offer),
        Row("without_offer", _("Without a fitting offer"), shown.without_offer),
    ]


def medians(document: Document) -> list[Median]:
    """How long it took to return, and how long a state lasted."""
    shown = document.shown
    back = _("Days absent of those who went back to school")
    return [
        _median("days_to_return", "days_to_return", back, shown.days_to_return),
        *(
            _median(
                "days_in_state", state, _("Days in state: %(state)s") % {"state": State(state).label}, one
            )
            for state, one in shown.days_in_state.items()
        ),
    ]


def flows(flow: Flow) -> list[Row]:
    """The numbers of one month of the trend."""
    return [
        Row("start", _("At the start"), flow.start),
        Row("inflow", _("Inflow"), flow.inflow),
        Row("outflow", _("Outflow"), flow.outflow),
        Row("end", _("At the end"), flow.end),
    ]


def explanation(document: Document) -> Sequence[str]:
    """What one has to know to read the numbers."""
    hidden = [
        _(
            "%(small)s means 1, 2, 3 or 4 pupils. %(hidden)s means a number that is left out because the"
            " others would give it away. Numbers that are hidden cannot be asked for."
        )
        % {"small": SMALL, "hidden": HIDDEN},
        _("Medians of fewer than five pupils are left out."),
    ]
    return [
        *(hidden if document.outside else []),
        _(
            "At the start: who counted on the day before the first day. At the end: who counted on the last"
            " day."
        ),
        _(
            "Inflow: how often somebody began to count in the period. Outflow: how often somebody ceased to"
            " count, with the destination or else the reason. Start plus inflow minus outflow is the end."
        ),
        _(
            "Breakdowns count who was at home on the last day, at the school where the pupil was enrolled"
            " then. The duration is counted from the first day absent."
        ),
        _("A fitting offer: %(offers)s, begun by the last day.")
        % {"offers": "; ".join(str(offer.label) for offer in Offer if offer in FITTING_OFFERS)},
        _("Source: the register of cases, as known at the moment that is stated above."),
    ]


def handling(document: Document) -> str:
    """What may be done with the file."""
    if document.outside:
        return _("Small numbers hidden: fit to hand on")
    return _("Internal: exact numbers, do not hand on")


def meaning(document: Document) -> str:
    """The definition in words, with the threshold of the partnership."""
    threshold = threshold_words(document.threshold)
    members = [
        str(MEANINGS[category]) % {"threshold": threshold}
        for category in Category
        if category in MEMBERS[document.definition]
    ]
    return _("Pupils of school age who are: %(categories)s") % {"categories": "; ".join(members)}


def threshold_words(threshold: Threshold | None) -> str:
    if threshold is None:
        return _("longer than the threshold of the partnership of the pupil")
    if threshold.inclusive:
        return _("%(days)s calendar days or longer") % {"days": threshold.days}
    return _("longer than %(days)s calendar days") % {"days": threshold.days}


def version_words(document: Document) -> str:
    if not document.number or document.issued_at is None:
        return _("not issued")
    return _("%(number)s, issued on %(moment)s by %(who)s") % {
        "number": document.number,
        "moment": moment(document.issued_at),
        "who": document.issued_by,
    }


def moment(value: dt.datetime) -> str:
    local = timezone.localtime(value)
    return f"{date_format(local, 'j F Y')}, {local:%H:%M}"


def days_words(days: float | None) -> str:
    """A median as it reads in Dutch: a comma, and none where it is whole; a dash where there is none."""
    return "–" if days is None else f"{days:g}".replace(".", ",")


def _median(table: str, key: str, label: str, middle: Middle) -> Median:
    return Median(table, key, label, middle.number, middle.days)
