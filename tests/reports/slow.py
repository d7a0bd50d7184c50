"""The figures of a period, worked out slowly: every case on every day, from the words of
contracts/counting.md and the rows of facts as they stand in the tables. What the product counts is compared
with it; nothing is taken from the code that it checks.
"""

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db import connection

DAY = dt.timedelta(days=1)

MEMBERS = {
    "D1": {"lrv"},
    "D2": {"lrv", "absoluut"},
    "D3": {"lrv", "absoluut", "ziek-deels"},
    "D4": {"lrv", "absoluut", "5a"},
}
STATES = ["signalled", "arrangement", "remote_education", "return", "closed"]
FITTING = {"onderwijs", "opbouw", "oza", "afstand"}
BACK = {
    "returned",
    "eigen-school",
    "eigen-school-arrangement",
    "andere-school",
    "sbo",
    "so",
    "vso",
    "pro",
    "mbo",
    "vavo",
    "particulier",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class SlowThreshold:
    number: int = 28
    sign: str = ">"

    def is_passed(self, days: int) -> bool:
        return days > self.number if self.sign == ">" else days >= self.number


@dataclass
class SlowFigures:
    start: int = 0
    inflow: int = 0
    outflow: int = 0
    end: int = 0
    reentries: int = 0
    outflow_by: Counter[str] = field(default_factory=Counter)
    by: dict[str, Counter[str]] = field(default_factory=dict)
    with_offer: int = 0
    without_offer: int = 0
    days_to_return: list[int] = field(default_factory=list)


@dataclass
class OnDay:
    """A case on a day: by its last spell begun."""

    spell: int
    days_absent: int
    category: str | None
    who: Row


class SlowCase:
    """What was known of a case at a moment."""

    def __init__(
        self, tables: "Tables", case_id: int, known_at: dt.datetime, threshold: SlowThreshold
    ) -> None:
        self.threshold = threshold

        def known(table: str) -> list[Row]:
            rows = [row for row in tables.rows[table] if row["case_id"] == case_id]
            return sorted(
                (row for row in rows if row["known_from"] <= known_at),
                key=lambda row: (row["known_from"], row["id"]),
            )

        self.dates: dict[int, Row] = {}
        for row in known("cases_spelldates"):
            self.dates[row["spell_id"]] = row
        self.first_days = {spell: row["first_day_absent"] for spell, row in self.dates.items()}
        self.exemptions = [
            row
            for row in known("cases_exemption")
            if row["known_until"] is None or row["known_until"] > known_at
        ]
        self.facts = {
            name: known(f"cases_{name}")
            for name in ("absenceperiod", "particulars", "fittingoffer", "reasoncodes", "statechange")
        }
        # Nobody is born again: what was recorded last is so on every day.
        born = [row["birth_date"] for row in self.facts["particulars"]]
        self.facts["particulars"] = [{**row, "birth_date": born[-1]} for row in self.facts["particulars"]]
        for spell in [spell for spell, row in self.dates.items() if row["destination"] == "onterecht"]:
            del self.dates[spell]

    def holds(self, name: str, spell: int, day: dt.date) -> Row | None:
        """The latest recorded that holds on the day."""
        rows = [row for row in self.facts[name] if row["spell_id"] == spell and row["holds_from"] <= day]
        return rows[-1] if rows else None

    def articles(self, day: dt.date) -> set[str]:
        found = set()
        for row in self.exemptions:
            begins = row["valid_from"] or self.first_days[row["spell_id"]]
            if begins <= day and (row["valid_to"] is None or day <= row["valid_to"]):
                found.add(row["article"])
        return found

    def state(self, spell: int, day: dt.date) -> str:
        """The last state entered; an import brings another day of a state, or takes it back. A case is
        signalled from the day of the signal as it is known."""
        rows: list[Row] = []
        for row in [row for row in self.facts["statechange"] if row["spell_id"] == spell]:
            if row["transition"] == "take_back":
                rows = [it for it in rows if it["to_state"] != row["from_state"]]
                continue
            if row["source"] == "import":
                rows = [it for it in rows if it["source"] == "app" or it["to_state"] != row["to_state"]]
            if row["to_state"] == "signalled":
                row = {**row, "on": self.dates[spell]["signalled_on"]}
            rows.append(row)
        found = "signalled"
        for kind in ("import", "app"):
            of_kind = [row for row in rows if row["source"] == kind]
            if kind == "import":
                of_kind.sort(key=lambda row: STATES.index(row["to_state"]))
            for nth, row in enumerate(of_kind):
                row["place"] = (row["on"], kind == "app", nth)
        entered = [row for row in rows if row["on"] <= day]
        for row in sorted(entered, key=lambda row: row["place"]):
            found = row["to_state"]
        return found

    def spell_on(self, day: dt.date) -> int | None:
        begun = [spell for spell, row in self.dates.items() if row["first_day_absent"] <= day]
        return max(begun, default=None)

    def on(self, day: dt.date) -> OnDay | None:
        spell = self.spell_on(day)
        if spell is None:
            return None
        dates = self.dates[spell]
        who, absence = self.holds("particulars", spell, day), self.holds("absenceperiod", spell, day)
        assert who is not None
        assert absence is not None
        days = (day - dates["first_day_absent"]).days
        category = self._category(day, dates, who, absence, days)
        return OnDay(spell, days, category, who)

    def _category(self, day: dt.date, dates: Row, who: Row, absence: Row, days: int) -> str | None:
        closed, back = dates["closed_on"], dates["back_on"]
        of_age = school_age_begins(who["birth_date"]) <= day < birthday(who["birth_date"], 18)
        running = closed is None or day < closed
        absent = running and (back is None or day < back)
        articles = self.articles(day)
        enrolled, full = bool(absence["enrolled"]), absence["extent"] == "volledig"
        at_home = of_age and absent and not articles
        long_at_home = at_home and enrolled and full and self.threshold.is_passed(days)
        if at_home and not enrolled:
            return "absoluut"
        if long_at_home and absence["authorised"] in ("nee", "deels"):
            return "lrv"
        if long_at_home and absence["ill"] and absence["can_attend_partly"]:
            return "ziek-deels"
        if of_age and running and "5a" in articles:
            return "5a"
        if long_at_home:
            return "verborgen"
        if at_home and enrolled and not full:
            return "gedeeltelijk"
        if at_home and enrolled and full:
            return "dreigend"
        return None

    def ending(self, before: OnDay, day: dt.date) -> str:
        """Why somebody who was a member on the day before is none on this day."""
        dates = self.dates[before.spell]
        who, absence = (
            self.holds("particulars", before.spell, day),
            self.holds("absenceperiod", before.spell, day),
        )
        assert who is not None
        assert absence is not None
        if dates["closed_on"] == day:
            return str(dates["destination"])
        if birthday(who["birth_date"], 18) <= day:
            return "eighteen"
        if self.articles(day):
            return "exemption"
        if dates["back_on"] and dates["back_on"] <= day:
            return "returned"
        now = self.on(day)
        if now and now.category in ("verborgen", "ziek-deels") and absence["authorised"] == "ja":
            return "authorised"
        return "correction"


class Tables:
    """Every row of the facts, read once."""

    NAMES = (
        "cases_spelldates",
        "cases_absenceperiod",
        "cases_particulars",
        "cases_fittingoffer",
        "cases_reasoncodes",
        "cases_exemption",
        "cases_statechange",
    )

    def __init__(self) -> None:
        self.rows = {name: _read(name) for name in self.NAMES}
        self.numbers = {row["id"]: row["number"] for row in _read("schools_organisation")}
        self.partnerships = {row["id"]: row["partnership_id"] for row in _read("cases_case")}


def slow_figures(
    tables: Tables,
    partnership: int,
    first: dt.date,
    last: dt.date,
    definition: str,
    known_at: dt.datetime,
    threshold: SlowThreshold,
) -> SlowFigures:
    found = SlowFigures(by={name: Counter() for name in BY})
    for case_id in sorted(key for key, of in tables.partnerships.items() if of == partnership):
        case = SlowCase(tables, case_id, known_at, threshold)
        if case.dates:
            _add(found, case, tables, first, last, MEMBERS[definition])
    return found


def _add(
    found: SlowFigures, case: SlowCase, tables: Tables, first: dt.date, last: dt.date, members: set[str]
) -> None:
    begins = min(row["first_day_absent"] for row in case.dates.values())
    before: OnDay | None = None
    was_member, ever = False, False
    day = min(begins, first) - DAY
    while day <= last:
        now = case.on(day)
        is_member = now is not None and now.category in members
        if day == first - DAY:
            found.start += is_member
        if first <= day:
            if is_member and not was_member:
                found.inflow += 1
                found.reentries += ever
            if was_member and not is_member:
                assert before is not None
                why = case.ending(before, day)
                found.outflow += 1
                found.outflow_by[why] += 1
                if why in BACK:
                    found.days_to_return.append(before.days_absent + 1)
        if day == last and is_member:
            assert now is not None
            found.end += 1
            for name, key in BY.items():
                found.by[name][key(case, tables, now, day)] += 1
            offered = _is_offered(case, now, day)
            found.with_offer += offered
            found.without_offer += not offered
        ever = ever or is_member
        before, was_member = now, is_member
        day += DAY


def _is_offered(case: SlowCase, now: OnDay, day: dt.date) -> bool:
    row = case.holds("fittingoffer", now.spell, day)
    return row is not None and row["offer"] in FITTING and row["since"] is not None and row["since"] <= day


def _duration(case: SlowCase, _tables: Tables, now: OnDay, day: dt.date) -> str:
    first = case.dates[now.spell]["first_day_absent"]
    if (day - first).days <= 28:
        return "<4w"
    if day < month_later(first, 3):
        return "4w-3m"
    if day < month_later(first, 6):
        return "3-6m"
    return "6-12m" if day < month_later(first, 12) else ">12m"


def _reason(case: SlowCase, _tables: Tables, now: OnDay, day: dt.date) -> str:
    row = case.holds("reasoncodes", now.spell, day)
    return row["codes"].split(" ")[0] if row and row["codes"] else "ONB"


def _age(_case: SlowCase, _tables: Tables, now: OnDay, day: dt.date) -> str:
    age = 0
    while birthday(now.who["birth_date"], age + 1) <= day:
        age += 1
    return str(age)


BY: dict[str, Any] = {
    "by_category": lambda case, tables, now, day: now.category,
    "by_duration": _duration,
    "by_sector": lambda case, tables, now, day: now.who["sector"],
    "by_municipality": lambda case, tables, now, day: tables.numbers[now.who["municipality_id"]],
    "by_reason": _reason,
    "by_school": lambda case, tables, now, day: tables.numbers.get(now.who["school_id"], "geen"),
    "by_age": _age,
    "by_state": lambda case, tables, now, day: case.state(now.spell, day),
    "by_year_group": lambda case, tables, now, day: str(now.who["year_group"] or "onbekend"),
}


def birthday(born: dt.date, age: int) -> dt.date:
    """Who was born on 29 February has it on 1 March in other years."""
    year = born.year + age
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return dt.date(year, 3, 1)
    return dt.date(year, born.month, born.day)


def school_age_begins(born: dt.date) -> dt.date:
    """The first day of the month after the fifth birthday."""
    day = birthday(born, 5) + DAY
    while day.day != 1:
        day += DAY
    return day


def month_later(start: dt.date, months: int) -> dt.date:
    """The same day number so many months on, or the last day of that month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def middle(days: Iterable[int]) -> tuple[int, float | None]:
    found = list(days)
    return len(found), float(median(found)) if found else None


def _read(table: str) -> list[Row]:
    """The rows of a table as the driver gives them, with days and moments as such."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 - names of this module
        names = [column[0] for column in cursor.description]
        return [{n: _plain(n, v) for n, v in zip(names, values, strict=True)} for values in cursor.fetchall()]


DAYS = {
    "first_day_absent", "signalled_on", "back_on", "closed_on", "holds_from", "birth_date", "since",
    "valid_from", "valid_to", "on",
}  # fmt: skip
MOMENTS = {"known_from", "known_until", "recorded_at"}


def _plain(name: str, value: Any) -> Any:
    """SQLite keeps days as text, and moments as text in UTC."""
    if isinstance(value, str) and name in DAYS:
        return dt.date.fromisoformat(value)
    if name in MOMENTS and value is not None:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return value
