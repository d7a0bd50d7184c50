"""A report with a different number everywhere, as it goes out and as it stays inside."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from cases.rules import Threshold
from reports.queries.labels import tables_of
from reports.rules.document import Document, Flow
from reports.rules.figures import BREAKDOWNS, Middle
from reports.rules.periods import Period, months_up_to
from reports.rules.shown import Cell, Shown
from reports.rules.warnings import Warned
from schools.models import Organisation
from tests.factories.schools import MunicipalityFactory, SchoolFactory

OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 10, 31))
KNOWN_AT = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
FORMULA = '=HYPERLINK("http://evil.example","klik")'

#: The keys of each breakdown, some of which look like something else to a spreadsheet.
KEYS = {
    "by_category": ["absoluut", "lrv"],
    "by_duration": ["<4w", "4w-3m", "3-6m", "6-12m", ">12m"],
    "by_sector": ["bo", "vo"],
    "by_municipality": ["0599", "0500"],
    "by_reason": ["KIND-INT", "ONB"],
    "by_school": ["05AB", "06CD", "geen"],
    "by_age": ["9", "12"],
    "by_year_group": ["6", "onbekend"],
    "by_state": ["signalled", "return"],
}


def exact() -> Document:
    """For inside: every cell a number of its own, above 200 and some above 1,000."""
    if not Organisation.objects.filter(name=FORMULA).exists():
        SchoolFactory(number="05AB", name=FORMULA)
        SchoolFactory(number="06CD", name="De Brug & Zonen [Noord]")
        MunicipalityFactory(number="0599", name="@Rotterdam")
        MunicipalityFactory(number="0500", name="Gouda")
    numbers = iter(range(201, 5000, 17))
    breakdowns: dict[str, dict[str, Cell]] = {
        name: dict(zip(KEYS[name], numbers, strict=False)) for name in BREAKDOWNS
    }
    shown = Shown(
        start=next(numbers),
        inflow=next(numbers),
        outflow=next(numbers),
        end=next(numbers),
        reentries=next(numbers),
        outflow_by={key: next(numbers) for key in ("returned", "eighteen", "eigen-school")},
        breakdowns=breakdowns,
        with_offer=next(numbers),
        without_offer=next(numbers),
        days_to_return=Middle(next(numbers), 34.5),
        days_in_state={"signalled": Middle(next(numbers), 12.0), "return": Middle(0, None)},
    )
    months = months_up_to(OCTOBER, 13)
    return Document(
        organisation="PO3006",
        organisation_name="+SWV Voorbeeld & Co",
        period=OCTOBER,
        definition="D2",
        known_at=KNOWN_AT,
        threshold=Threshold(),
        outside=False,
        shown=shown,
        tables=tables_of(shown),
        trend=[Flow(month, *(next(numbers) for _ in range(4))) for month in months],
        number=2,
        comment="-1 na een correctie",
        issued_at=dt.datetime(2026, 11, 3, 10, 0, tzinfo=dt.UTC),
        issued_by="Rapporteur Voorbeeld",
        digest="0123456789abcdef" * 4,
        warnings=[Warned("no_reason", 203, "Of 203 pupils no reason is recorded.")],
    )


def hidden() -> Document:
    """The same for outside, with a hidden cell in each part of it."""
    inside = exact()
    shown = replace(
        inside.shown,
        reentries="<5",
        outflow_by=_hide(inside.shown.outflow_by),
        breakdowns={name: _hide(cells) for name, cells in inside.shown.breakdowns.items()},
        days_to_return=Middle(0, None),
    )
    trend = [
        replace(flow, inflow="<5") if nth % 3 == 0 else replace(flow, outflow="x") if nth % 3 == 1 else flow
        for nth, flow in enumerate(inside.trend)
    ]
    warnings = [Warned("no_reason", "<5", "Of <5 pupils no reason is recorded.")]
    return replace(inside, outside=True, shown=shown, tables=tables_of(shown), trend=trend, warnings=warnings)


def cells_of(document: Document) -> dict[tuple[str, str], Cell]:
    """Every number of a report by its table and its key, the medians aside."""
    shown = document.shown
    singles = ("start", "inflow", "outflow", "end", "reentries", "with_offer", "without_offer")
    return {
        **{("figures", name): getattr(shown, name) for name in singles},
        **{("outflow_by", key): cell for key, cell in shown.outflow_by.items()},
        ("outflow_by", "total"): shown.outflow,
        **{(name, key): cell for name, cells in shown.breakdowns.items() for key, cell in cells.items()},
        **{(name, "total"): shown.end for name in shown.breakdowns},
        ("offer", "with_offer"): shown.with_offer,
        ("offer", "without_offer"): shown.without_offer,
        ("offer", "total"): shown.end,
        **{
            ("months", f"{flow.period.first:%Y-%m}:{name}"): getattr(flow, name)
            for flow in document.trend
            for name in ("start", "inflow", "outflow", "end")
        },
    }


def counts(cells: Iterable[Cell]) -> set[int]:
    return {cell for cell in cells if isinstance(cell, int)}


def _hide(cells: dict[str, Cell]) -> dict[str, Cell]:
    """The first as a small one, the last as what would give it away."""
    first, *_between, last = cells
    return {**cells, first: "<5", last: "x"}
