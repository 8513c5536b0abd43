import json

import pytest

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.services.passwords import matches


@pytest.fixture
def kept(home):
    def of(login):
        with Wiring(Home(home)).store.reading() as records:
            return records.user_by_login(login)

    return of


def test_the_first_administrator_is_made_by_the_command(partage, kept):
    told = json.loads(partage("users", "add", "ines", "--role", "admin", "--json").out)
    assert matches(kept("ines").password_hash, told["password"])
    assert kept("ines").roles == ("admin",)


def test_a_participant_becomes_a_member_who_sees_their_own_bills(partage, kept):
    outcome = partage("users", "add", "ada@toits", "--community", "toits", "--participant", "ada")
    assert outcome.code == 0
    user = kept("ada@toits")
    assert (user.roles, user.community, user.participant) == (("member",), "toits", "ada")
    assert user.password_hash not in outcome.out


def test_a_new_password_replaces_the_old_one(partage, kept):
    first = json.loads(partage("users", "add", "ines", "--role", "admin", "--json").out)["password"]
    second = json.loads(partage("users", "reset", "ines", "--json").out)["password"]
    assert matches(kept("ines").password_hash, second)
    assert not matches(kept("ines").password_hash, first)


def test_users_are_listed_without_anything_secret(partage, home):
    partage("users", "add", "ada@toits", "--community", "toits", "--participant", "ada")
    partage("users", "add", "ines", "--role", "admin")
    listed = json.loads(partage("users", "list", "--json").out)["users"]
    assert [(user["login"], user["roles"]) for user in listed] == [
        ("ada@toits", ["member"]),
        ("ines", ["admin"]),
    ]
    assert "$argon2" not in partage("users", "list").out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "ines"], "roles (none) do not exist; use some of member"),
        (["add", "ines", "--role", "queen"], "roles queen do not exist"),
        (["add", "ines", "--role", "operator"], "name the community that the roles are for"),
        (["add", "xx", "--community", "toits", "--participant", "dora"], "no participant 'dora'"),
        (["reset", "nobody"], "There is no user 'nobody'"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(partage, home, words, sentence):
    outcome = partage("users", *words)
    assert outcome.code == 1
    assert sentence in outcome.err
