"""compose.yml keeps each container as small a door as it can be."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yml").read_text())["services"]


def test_the_services_are_these() -> None:
    assert set(SERVICES) == {"web", "worker", "beat", "migrate", "postgres", "redis", "mail"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_is_closed_up(name: str) -> None:
    service = SERVICES[name]

    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_each_container_that_stays_tells_its_health(name: str) -> None:
    of_the_image = name == "web" and "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()

    assert of_the_image or SERVICES[name]["healthcheck"]["test"]


def test_only_this_machine_reaches_the_ports() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_does_not_run_as_root() -> None:
    last_stage = (ROOT / "Dockerfile").read_text().rsplit("\nFROM ", 1)[1]

    assert "\nUSER 10001\n" in last_stage
