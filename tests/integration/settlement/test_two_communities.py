import pytest

from backend.errors import ContractRefusal
from backend.ports import RunState
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.settle_period import settle_period
from tests.integration.settlement.small_community import (
    DEFINITION,
    MONTH,
    open_home,
    readings_csv,
    take_settled,
)

_NUMBER = 'external_id = "14512345678901"\n'


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def with_number_of_ada(definition, participation_ppm):
    entry = 'id = "ada-load"\n'
    return definition.replace(entry, f"{entry}{_NUMBER}participation_ppm = {participation_ppm}\n")


def settle_neighbours(wiring, definition):
    """Settle a second community, ``quais``, on the same chain: the same file under another id."""
    file = wiring.home.files / "neighbours.csv"
    file.write_text(readings_csv())
    load_community(wiring.context, definition.replace('id = "toits"', 'id = "quais"'), "quais.toml")
    load_readings(wiring.context, wiring.reader_for(), [file], community="quais")
    return settle_period(wiring.context, "quais", MONTH)


def test_two_communities_may_give_their_points_the_same_ids(wiring):
    take_settled(wiring)
    assert settle_neighbours(wiring, DEFINITION).state is RunState.FINAL


def test_a_point_with_the_operators_number_may_share_its_energy_between_two_communities(wiring):
    half = with_number_of_ada(DEFINITION, 500_000)
    take_settled(wiring, definition=half)
    assert settle_neighbours(wiring, half).state is RunState.FINAL


def test_a_point_with_the_operators_number_cannot_be_whole_in_two_communities(wiring):
    whole = with_number_of_ada(DEFINITION, 1_000_000)
    take_settled(wiring, definition=whole)
    with pytest.raises(ContractRefusal, match="ParticipationAboveOne"):
        settle_neighbours(wiring, whole)
