"""Figures for who watches over the installation, in the text format of Prometheus.

Each app hangs its own in the slot "metrics": `common.registry.register("metrics", source)`. A source is a
function `(*, at) -> list[Gauge]`. Never about a person: no names, no numbers of cases, no organisations with
so few that a figure tells of one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE", "Gauge", "text_of"]


@dataclass(frozen=True)
class Gauge:
    """A figure as it is now. Gauges of one name have one help text and the same labels."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def text_of(gauges: Iterable[Gauge]) -> bytes:
    """The figures, those of one name together. The registry lives as long as this call: processes share
    nothing."""
    registry = CollectorRegistry()
    registry.register(_Once(list(gauges)))
    return generate_latest(registry)


class _Once(Collector):
    def __init__(self, gauges: list[Gauge]) -> None:
        self.gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in self.gauges:
            names = sorted(gauge.labels)
            if gauge.name not in families:
                families[gauge.name] = GaugeMetricFamily(gauge.name, gauge.help, labels=names)
            families[gauge.name].add_metric([gauge.labels[name] for name in names], gauge.value)
        yield from families.values()
