"""Use and sun behind one's own meters, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.forecasting import Site

if TYPE_CHECKING:
    import pytest

    from tests.integration.api.conftest import Place

SPLIT = "/api/v1/me/split"


def test_a_member_is_told_of_their_own_home_alone(
    shared_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = shared_place.log_in("ben@toits")
    refused = ben.get(SPLIT)
    assert refused.status_code == 422
    assert "[site]" in refused.json()["detail"]
    place = Site("Europe/Paris", "FR", "", 45.2, 5.7)
    monkeypatch.setattr("backend.services.forecasts.split.site_of", lambda _: place)
    answer = ben.get(SPLIT, params={"from": "2024-03-10T00:00:00Z", "to": "2024-03-31T00:00:00Z"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["subject"] == "home:ben"
    assert told["light"] == "clear-sky"
    assert told["from"] == told["start"][0] == "2024-03-10T00:00:00Z"
    assert len(told["net"]) == len(told["use"]) == len(told["sun"]) == len(told["start"])
    assert 0 <= told["confidence"] <= 1
    with shared_place.wiring.store.reading() as records:
        looks = [what for _, what, _ in records.accesses("toits/ben")]
    assert not any("split" in what for what in looks)  # one's own look is nobody's business


def test_who_is_in_no_home_is_refused(shared_place: Place) -> None:
    assert shared_place.log_in("auditor@toits").get(SPLIT).status_code == 403
    assert shared_place.visit().get(SPLIT).status_code == 401
