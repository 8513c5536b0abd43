import numpy as np
import pytest

from backend.commitments import LeafKind, SaltKeys, derive_salt, stack_keys
from backend.errors import InputError
from tests.unit.commitments.period_arrays import from_hex, read_vectors, to_hex

CASES = read_vectors("salts")["cases"]
COMMUNITY, SCOPE, AUDITORS = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32


@pytest.mark.parametrize("case", CASES)
def test_a_salt_is_that_of_the_vectors(case):
    key, community, scope = (from_hex(case[name]) for name in ("key", "community", "id"))
    place = (case["slot"], case["day"], case["t"])
    assert to_hex(derive_salt(key, community, scope, LeafKind(case["kind"]), place)) == case["salt"]


@pytest.fixture
def keys():
    return SaltKeys(COMMUNITY, stack_keys({0: b"a" * 32, 3: b"d" * 32}, slots=4), AUDITORS)


def test_the_salts_of_a_days_rows_are_derived_one_by_one(keys):
    salts = keys.slot_salts(SCOPE, LeafKind.ROW, np.array([3, 0]), day=300, intervals=100)
    assert salts.shape == (2, 100, 16)
    for row, (slot, key) in enumerate(((3, b"d" * 32), (0, b"a" * 32))):
        for t in (0, 1, 99):
            assert salts[row, t].tobytes() == derive_salt(key, COMMUNITY, SCOPE, LeafKind.ROW, (slot, 300, t))


def test_the_salts_of_stairs_come_from_the_auditors_key(keys):
    salts = keys.stair_salts(SCOPE, LeafKind.STAIR, blocks=70, day=1, intervals=2)
    assert salts.shape == (2, 70, 16)
    for t, block in ((0, 0), (1, 69)):
        assert salts[t, block].tobytes() == derive_salt(
            AUDITORS, COMMUNITY, SCOPE, LeafKind.STAIR, (block, 1, t)
        )


def test_an_active_slot_without_a_key_is_refused(keys):
    keys.check_slots(np.array([True, False, False, True]))
    with pytest.raises(InputError, match="Slot 1 is active but its key is all zeros"):
        keys.check_slots(np.array([True, True, False, True]))


def test_a_slot_beyond_the_keys_is_refused(keys):
    with pytest.raises(InputError, match="4 slot keys were given for 5 slots"):
        keys.check_slots(np.ones(5, dtype=np.bool_))


def test_keys_of_the_wrong_width_are_refused():
    with pytest.raises(InputError, match=r"bytes \[slots, 32\]"):
        SaltKeys(COMMUNITY, np.zeros((2, 31), dtype=np.uint8), AUDITORS)
    with pytest.raises(InputError, match="auditors' key has 31 bytes"):
        SaltKeys(COMMUNITY, np.zeros((2, 32), dtype=np.uint8), AUDITORS[1:])
