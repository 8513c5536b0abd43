"""Who is forgotten takes their cases with them: words, claims, evidence, and looks at what could be contested."""

from dataclasses import replace

import pytest

from backend.errors import NotFoundError
from backend.ports.case_records import Party
from backend.ports.contest_records import LookRecord
from backend.services.arbitration import view_case, view_cases
from backend.services.privacy import ask_erasure
from backend.services.privacy_erasure import erase_due
from tests.integration.arbitration.disputed import Disputed, make_disputed
from tests.integration.governance.governed import GOVERNED, make_governed

CAME = 'valid_from = "2024-03-11"'
MOVED_OUT = GOVERNED.replace(CAME, f'{CAME}\nvalid_to = "2024-03-31"')
LOOK = LookRecord(
    *("a" * 24, "toits", "cleo", "u1", 19783, 1, "0x00", "cleo-load", 5, "row", "3/3/1/1"),
    shows_others=False,
    words={"en": {"reason": "x"}},
    words_hash="0x01",
    looked_utc=7,
)


def test_erasing_a_member_erases_their_cases_with_all_that_was_handed_in(tmp_path):
    disputed = Disputed(make_governed(tmp_path, definition=MOVED_OUT))
    wiring = disputed.wiring
    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000", b"a letter of Cleo's")
    disputed.claim(Party.GRID_OPERATOR, "0.250000", b"what the meter of cleo sent")
    disputed.pass_days(400)
    with wiring.store.transaction() as records:
        records.put_look(LOOK)
        records.put_look(replace(LOOK, id="b" * 24, participant="ada"))
    folder = wiring.home.cases / "toits" / disputed.case.id
    assert len(list(folder.iterdir())) == 4
    ask_erasure(wiring.context, "toits", "cleo")
    erase_due(wiring.context, wiring.erasers)
    assert not folder.exists()
    assert view_cases(disputed.desk, "toits") == []
    with pytest.raises(NotFoundError):
        view_case(disputed.desk, disputed.case.id)
    with wiring.store.reading() as records:
        assert [look.participant for look in records.looks("toits")] == ["ada"]
        assert list(records.claims(disputed.case.id)) == []


def test_erasing_a_neighbour_leaves_the_case_alone(tmp_path):
    disputed = make_disputed(tmp_path)
    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000")
    disputed.pass_days(400)
    ask_erasure(disputed.wiring.context, "toits", "ada")
    erase_due(disputed.wiring.context, disputed.wiring.erasers)
    assert disputed.view().record.metering_point == "cleo-load"
