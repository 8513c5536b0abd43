"""What a settlement gives away: to everyone by the chain, to a member by the bundle, to an operator's log."""

import hashlib
import json
import logging

import pytest

from backend.commitments import keccak256
from backend.services.bundles import make_bundle
from backend.verifier import verify
from tests.integration.settlement.small_community import (
    DEFINITION,
    MONTH,
    load_and_settle,
    open_home,
    readings_csv,
    take_settled,
)

NUMBER = "14512345678901"
DEFINED = DEFINITION.replace('id = "ada-load"\n', f'id = "ada-load"\nexternal_id = "{NUMBER}"\n')
WORDS = [
    *("Ada", "Ben", "Cleo", "Toits du Rhône"),
    *("toits", "ada-load", "ben-load", "ben-solar", "cleo-load", NUMBER),
]
MEMBERS = ["ada", "ben", "cleo"]


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def parts_on_chain(node):
    """Every transaction's data, topic and event's data."""
    last = int(node.rpc("eth_blockNumber", []), 16)
    parts = []
    for number in range(last + 1):
        block = node.rpc("eth_getBlockByNumber", [hex(number), True])
        for transaction in block["transactions"]:
            receipt = node.rpc("eth_getTransactionReceipt", [transaction["hash"]])
            parts.append(transaction["input"])
            parts += [word for log in receipt["logs"] for word in (*log["topics"], log["data"])]
    assert len(parts) > 20
    return [bytes.fromhex(part[2:]) for part in parts]


def all_that_is_on_chain(node):
    return b"|".join(parts_on_chain(node))


def words_on_chain(node):
    """The words that arguments and events are made of; at any other place, zeros before an address make any number."""
    return {
        part[at : at + 32]
        for part in parts_on_chain(node)
        for first in (0, 4)
        for at in range(first, len(part), 32)
    }


def secrets_of(wiring):
    """What nobody but its owner may know: keys of slots, of auditors, nonces, salts of files."""
    with wiring.store.reading() as records:
        slots = {key.slot: key for key in records.slot_keys("toits", MONTH.id)}
        period = records.period("toits", MONTH.id)
    salts = [load.salt for load in wiring.context.intervals.loads("toits")]
    assert len(slots) == 4
    return slots, period.auditors_key, salts


def test_no_name_number_key_or_plain_hash_goes_on_chain(wiring):
    take_settled(wiring, definition=DEFINED)
    chain = all_that_is_on_chain(wiring.node)
    for word in [*WORDS, *MEMBERS]:
        plain = word.encode()
        if len(plain) > 4:  # shorter ones stand in any code by chance
            assert plain not in chain, word
        for digest in (keccak256(plain), hashlib.sha256(plain).digest(), hashlib.sha3_256(plain).digest()):
            assert digest not in chain, f"an unsalted hash of {word}"
    slots, auditors_key, salts = secrets_of(wiring)
    assert keccak256(bytes.fromhex(slots[0].nonce[2:]) + NUMBER.encode()) in chain  # the tag
    hidden = [auditors_key, *salts, *(text for key in slots.values() for text in (key.key, key.nonce))]
    for secret in hidden:
        assert bytes.fromhex(secret[2:]) not in chain
    files = list(wiring.home.files.glob("*.csv"))
    assert files
    for file in files:
        assert keccak256(file.read_bytes()) not in chain, "an unsalted hash of a file"


def test_no_amount_and_no_energy_of_a_single_bill_goes_on_chain(wiring):
    run = take_settled(wiring, definition=DEFINED)
    words = words_on_chain(wiring.node)
    assert run.feed_in.to_bytes(32, "big") in words  # so does this test see what is there
    for member in MEMBERS:
        bundle = make_bundle(wiring.context, "toits", MONTH, member)
        amounts = {amount for amount in bundle["bill"]["lines"] if amount > 1_000}
        sums = {sum(map(sum, point["energy"])) for point in bundle["points"]}
        totals = {run.feed_in, run.consumption, run.allocated}
        assert len(sums) > 0
        for figure in (amounts | sums) - totals:  # the only producer's feed-in is the community's
            assert figure.to_bytes(32, "big") not in words, f"{figure} of {member}"


@pytest.mark.parametrize("member", MEMBERS)
def test_a_bundle_holds_the_members_own_keys_and_nothing_of_a_neighbours(wiring, member):
    take_settled(wiring, definition=DEFINED)
    bundle = make_bundle(wiring.context, "toits", MONTH, member)
    text = json.dumps(bundle)
    own = {point["slot"] for point in bundle["points"]}
    slots, auditors_key, salts = secrets_of(wiring)
    for secret in [auditors_key, *salts]:
        assert secret not in text
    for slot, key in slots.items():
        assert (key.key in text) is (slot in own)
        assert (key.nonce in text) is (slot in own)
    numbers = {NUMBER: "ada", "ben-load": "ben", "ben-solar": "ben", "cleo-load": "cleo"}
    for number, owner in numbers.items():
        assert (number in text) is (owner == member)
    assert not any(word in text for word in ("Ada", "Ben", "Cleo", "Toits"))


def test_no_key_name_or_number_reaches_a_log(wiring, caplog):
    with caplog.at_level(logging.DEBUG):
        load_and_settle(wiring, definition=DEFINED)
        make_bundle(wiring.context, "toits", MONTH, "ada")
    slots, auditors_key, salts = secrets_of(wiring)
    keys = [auditors_key, *salts, *(text for key in slots.values() for text in (key.key, key.nonce))]
    for secret in [*keys, NUMBER, "ada-load", "Cleo"]:
        assert secret.removeprefix("0x") not in caplog.text


VILLAGE = 5


def village(method, parameters):
    """Five roofs and five flats; nobody consented to anything."""
    head = DEFINITION.partition("[[participants]]")[0].replace('country = "FR"', 'country = "none"')
    tables = [head.replace('method = "dynamic"', f'method = "{method}"\n{parameters}')]
    for place in range(VILLAGE):
        for person, direction in ((f"roof{place}", "feed_in"), (f"flat{place}", "consumption")):
            tables += [
                f'[[participants]]\nid = "{person}"\nname = "{person}"',
                f'[[metering_points]]\nid = "{person}-p"\nparticipant = "{person}"\ndirection = "{direction}"',
            ]
    return "\n".join(tables)


def village_csv():
    rows = readings_csv().splitlines()
    starts = [row.split(",")[1:3] for row in rows[1:] if row.startswith("ada-load,")]
    lines = [rows[0]]
    for person, energy in [
        (f"{kind}{place}", base + place / 10)
        for kind, base in (("roof", 0.3), ("flat", 0.5))
        for place in range(VILLAGE)
    ]:
        lines += [f"{person}-p,{start},{minutes},{energy:.3f},measured" for start, minutes in starts]
    return "\n".join(lines) + "\n"


PAIRS = (
    "pairs_ppm = { "
    + ", ".join(f'"roof{place}-p" = {{ "flat{place}-p" = 900000 }}' for place in range(VILLAGE))
    + " }"
)


@pytest.mark.parametrize(
    ("method", "parameters", "shown"),
    [
        ("dynamic", "", True),
        ("equal", "", True),
        ("pairwise", PAIRS, False),
        ("flow", "", False),
        ("priority", 'tiers = [{ method = "equal", points = ["flat0-p"] }, { method = "dynamic" }]', False),
    ],
)
def test_rounds_that_tell_of_one_producer_or_of_a_small_tier_are_not_shown_to_neighbours(
    wiring, method, parameters, shown
):
    take_settled(wiring, village_csv(), village(method, parameters))
    bundle = make_bundle(wiring.context, "toits", MONTH, "flat1")
    assert all((day["headers"] is not None) is shown for day in bundle["days"])
    assert verify(bundle, wiring.node.rpc).ok
