"""Calls, ids and changes of proposals, by Ethereum's libraries and the room of governance; writes `proposals.json`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from backend.community import LinkCap, LinkTerms, PriceWindow, changed_terms, read_definition
from backend.governance import differences_of, encode_rule, on_chain
from backend.metering.conformity import ConformityTerms
from tests.unit.community import rule_texts as texts
from tests.unit.governance.test_differences import FLOW, PLAIN, changed_rules, rule_of

FILE = Path(__file__).with_name("proposals.json")
COMMUNITY = "0x" + "c5" * 32
TARGET = "0x" + "ab" * 20
ACCOUNTS = ["0x" + digit * 40 for digit in "123"]
_NONCE = f"0x{77:064x}"
PAPER = {
    "text": "0x" + "11" * 32,
    "rehearsal": "0x" + "22" * 32,
    "nonce": _NONCE,
    "proposer": "0x" + "5f" * 20,
}
_ANCHOR = bytes.fromhex(COMMUNITY[2:])
_MATTERS: list[tuple[str, dict[str, Any], str, list[Any]]] = [
    (
        "weights",
        {"seats": [3, 1], "weights": [2, 65_535]},
        "setWeights(bytes32,uint32[],uint16[])",
        [_ANCHOR, [3, 1], [2, 65_535]],
    ),
    ("revocation", {"seat": 4}, "revokeSeat(bytes32,uint32)", [_ANCHOR, 4]),
    ("guardians", {"guardians": ACCOUNTS}, "nameGuardians(bytes32,address[3])", [_ANCHOR, ACCOUNTS]),
    ("steward", {"steward": ACCOUNTS[0]}, "replaceSteward(bytes32,address)", [_ANCHOR, ACCOUNTS[0]]),
    ("appeal", {"case": 9, "party": "nobody"}, "overturn(uint256,uint8)", [9, 3]),
]


def _call(signature: str, values: list[Any]) -> bytes:
    kinds = signature[signature.index("(") + 1 : -1].split(",")
    return keccak(text=signature)[:4] + encode(kinds, values)


def _matter(kind: str, matter: dict[str, Any], signature: str, values: list[Any]) -> dict[str, Any]:
    data = _call(signature, values)
    words = (PAPER["text"], PAPER["rehearsal"], _NONCE, f"0x{PAPER['proposer'][2:]:0>64}")
    description = "0x" + "".join(word[2:] for word in words)
    whole = encode(
        ["address[]", "uint256[]", "bytes[]", "bytes32"], [[TARGET], [0], [data], keccak(text=description)]
    )
    return {
        "kind": kind,
        "matter": matter,
        "data": "0x" + data.hex(),
        "action": "0x" + keccak(data).hex(),
        "description": description,
        "id": str(int.from_bytes(keccak(whole))),
    }


def _more_rules() -> list[tuple[str, Any, Any]]:
    """Changes that take several fields at once."""
    windows = (PriceWindow(0, 360, 1), PriceWindow(360, 1440, 0))
    day = replace(PLAIN.tariff, residual_prices=(250_000, 160_000), windows=windows)
    later = replace(day, windows=(PriceWindow(0, 420, 1), PriceWindow(420, 1440, 0)))
    wishes = LinkTerms(
        preferences=(("anna-load", "bob-roof"), ("cleo-load", "bob-roof")),
        donations=(("bob-roof", "cleo-load"),),
        caps=(LinkCap("bob-roof", "anna-load", 5000),),
        costs=("feeder", "distance"),
    )
    flow = replace(FLOW, sharing_key=replace(FLOW.sharing_key, links=wishes))
    voted = _with_terms(
        {
            "zero_run": {"hours": 24},
            "habit": {"high_ppm": 3_000_000},
            "left_out": ["spike", "clear-sky"],
            "treatments": {"stuck": "corrupt"},
        }
    )
    return [
        ("a day with a window", PLAIN, replace(PLAIN, tariff=day)),
        ("a window that moves", replace(PLAIN, tariff=day), replace(PLAIN, tariff=later)),
        ("other parts", rule_of("static"), rule_of("hybrid")),
        ("parts to pairs", rule_of("static"), rule_of("pairwise")),
        ("pairs to tiers", rule_of("pairwise"), rule_of("priority")),
        ("wishes", PLAIN, flow),
        ("wishes taken back", flow, FLOW),
        ("voted terms", PLAIN, voted),
        ("other terms", voted, _with_terms({"zero_run": {"hours": 48}, "treatments": {"gap": "useless"}})),
        ("no terms any more", voted, PLAIN),
        ("profiled estimates", PLAIN, _with_terms({"estimation": {"method": "profiled"}})),
        (
            "profiled estimates beside others",
            voted,
            _with_terms({"zero_run": {"hours": 24}, "estimation": {"method": "profiled"}}),
        ),
    ]


def _with_terms(data: dict[str, Any]) -> Any:
    return replace(PLAIN, limits=replace(PLAIN.limits, terms=ConformityTerms.from_dict(data)))


def _rule(name: str, before: Any, after: Any) -> dict[str, Any]:
    community = read_definition(texts.text_of("static"), "COMMUNITY.toml")
    points = [point.id for point in community.metering_points]
    slots = {point: slot for slot, point in enumerate(points)}
    structs = [
        encode_rule(rule, slots, effective_from=17_318, contest_window_seconds=7200)
        for rule in (before, after)
    ]
    found = differences_of(
        *(
            replace(rule, contest_window_seconds=rule.contest_window_seconds or 7200)
            for rule in (before, after)
        )
    )
    return {
        "name": name,
        "points": points,
        "before": on_chain(structs[0]),
        "after": on_chain(structs[1]),
        "links_before": json.loads(json.dumps(_links(before))),
        "terms_before": changed_terms(before.limits.terms),
        "differences": [
            {"field": one.field, "place": list(one.place), "before": one.before, "after": one.after}
            for one in found
        ],
    }


def _links(rule: Any) -> dict[str, Any] | None:
    """The table of a community file."""
    terms = rule.sharing_key.links
    if terms is None:
        return None
    caps = [
        {"producer": cap.producer, "consumer": cap.consumer, "max_power_watts": cap.max_power_watts}
        for cap in terms.caps
    ]
    return {
        "own_first": terms.own_first,
        "preferences": terms.preferences,
        "donations": sorted(terms.donations),
        "caps": caps,
        "fairness_steps": terms.fairness_steps,
        "costs": terms.costs,
    }


def vectors() -> dict[str, Any]:
    """All of the file."""
    encodable = [
        case
        for case in [*changed_rules(), *_more_rules()]
        # Each parameter of conformity by itself is told where differences are: here, some at once.
        if case[0] not in {"key pairs_ppm", "key links"} and not case[0].startswith("terms ")
    ]
    content = {
        "format": "partage-vectors",
        "version": 1,
        "what": "calls, ids and changes of proposals",
        "community": COMMUNITY,
        "target": TARGET,
        "paper": {**PAPER, "nonce": _NONCE},
        "matters": [_matter(*case) for case in _MATTERS],
        "rules": [_rule(*case) for case in encodable],
    }
    whole: dict[str, Any] = json.loads(json.dumps(content))
    return whole


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n")
