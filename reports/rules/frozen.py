"""Figures as they are kept with a version, and back: later code shows what was issued, whatever breakdowns it
has itself."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from reports.rules.document import Flow
from reports.rules.figures import Middle
from reports.rules.periods import Period
from reports.rules.shown import Shown


def plain(values: Any) -> Any:
    """As a database gives it back: days as text, lists instead of tuples."""
    return json.loads(json.dumps(values, default=str))


def shown_as_json(shown: Shown) -> dict[str, Any]:
    values: dict[str, Any] = plain(asdict(shown))
    return values


def shown_from_json(values: Mapping[str, Any]) -> Shown:
    return Shown(
        **{
            **values,
            "days_to_return": Middle(**values["days_to_return"]),
            "days_in_state": {state: Middle(**one) for state, one in values["days_in_state"].items()},
        }
    )


def trend_as_json(trend: Sequence[Flow]) -> list[dict[str, Any]]:
    return [
        {
            "first": flow.period.first.isoformat(),
            "last": flow.period.last.isoformat(),
            "start": flow.start,
            "inflow": flow.inflow,
            "outflow": flow.outflow,
            "end": flow.end,
        }
        for flow in trend
    ]


def trend_from_json(values: Sequence[Mapping[str, Any]]) -> list[Flow]:
    return [
        Flow(
            Period(dt.date.fromisoformat(one["first"]), dt.date.fromisoformat(one["last"])),
            *(one[name] for name in ("start", "inflow", "outflow", "end")),
        )
        for one in values
    ]
