"""Erasure in forecasts: what was expected of a person goes with them, what all homes taught together stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.adapters.forecasts.engine import LocalEngine
from backend.services.forecasts.retrain import run_due
from backend.services.forecasts.subjects import parse_subject
from backend.services.privacy import ask_erasure
from tests.integration.privacy.leaver import PERSON, POINT, erase

if TYPE_CHECKING:
    from backend.bootstrap import Wiring


def test_forecasts_of_the_erased_go_and_what_homes_taught_together_stays(wiring: Wiring) -> None:
    desk = replace(wiring.forecasts, engine=LocalEngine(quick=True), quick=True)
    assert run_due(desk, "toits").failed == {}
    assert run_due(desk, "toits", only=[(parse_subject(f"point:{POINT}"), "load")]).failed == {}
    with wiring.store.reading() as records:
        own = [card for card in records.forecast_models("toits") if PERSON in card.owners]
        before = {record.subject for record in records.forecasts("toits")}
    assert {f"home:{PERSON}", f"point:{POINT}", "home:ben", "community"} <= before
    assert [card.subject for card in own] == [f"point:{POINT}"]  # learned from hers alone: it is hers
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    with wiring.store.reading() as records:
        after = records.forecasts("toits")
        models = records.forecast_models("toits")
    assert {"home:ben", "community"} <= {record.subject for record in after}
    assert not [record for record in after if PERSON in record.subject or PERSON in record.owners]
    assert [card for card in models if card.subject == "homes"]
    assert not [card for card in models if PERSON in card.subject or PERSON in card.owners]
    kept = wiring.home.database.read_bytes()
    assert f"home:{PERSON}".encode() not in kept
