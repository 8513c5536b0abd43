import threading

import pytest

from backend.errors import InputError, StoreBusyError
from backend.services import passwords
from backend.services.passwords import check_strength, hash_password, matches, needs_rehash


def test_a_password_matches_its_hash_alone():
    kept = hash_password("grand soleil")
    assert kept != hash_password("grand soleil")
    assert matches(kept, "grand soleil")
    assert not matches(kept, "grand soleil ")
    assert not matches(None, "grand soleil")
    assert not matches("not a hash", "grand soleil")


def test_the_hash_is_argon2id_with_the_recommended_parameters():
    assert hash_password("grand soleil").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_with_weaker_parameters_is_renewed():
    from argon2 import PasswordHasher

    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))
    assert not needs_rehash(hash_password("x"))


def test_the_same_characters_match_however_they_were_composed():
    assert matches(hash_password("été-soleil-été"), "été-soleil-été")


def test_a_password_that_is_longer_than_any_is_refused_without_being_cut_to_fit():
    longest = "x" * passwords.PASSWORD_LENGTH_MAX
    assert matches(hash_password(longest), longest)
    assert not matches(hash_password(longest), longest + "y")


def test_an_unknown_login_costs_one_comparison_like_a_known_one(monkeypatch):
    from argon2 import PasswordHasher

    known = hash_password("other")
    matches(None, "guess")
    compared, verify = [], PasswordHasher.verify

    def count(self, kept, password):
        compared.append(kept)
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", count)
    matches(None, "guess")
    matches(known, "guess")
    assert len(compared) == 2
    assert compared[0].rpartition("$")[0].rpartition("$")[0] == known.rpartition("$")[0].rpartition("$")[0]


def test_a_crowd_waits_in_line_and_is_told_so_when_it_is_too_long(monkeypatch):
    taken = threading.BoundedSemaphore(1)
    monkeypatch.setattr(passwords, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(passwords, "_places", taken)
    taken.acquire()
    with pytest.raises(StoreBusyError, match="try again"):
        hash_password("grand soleil")
    taken.release()
    assert hash_password("grand soleil")


@pytest.mark.parametrize("new", ["elevenchars", "x" * 201, "ADA@toits 2024!", "abababababab"])
def test_a_weak_password_is_refused(new):
    with pytest.raises(InputError) as refused:
        check_strength(new, "ada@toits")
    assert new not in str(refused.value)
