#!/usr/bin/env python3
"""Write tests/vectors/*.json from the reference, or with --check fail where a file differs from what it gives."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.vectors import reference as ref  # noqa: E402 -- the path is set just above
from tests.vectors import reference_keys as keys  # noqa: E402 -- the same
from tests.vectors.reference_cases import bytes_named, sharing_key  # noqa: E402 -- the same
from tests.vectors.reference_communities import COMMUNITIES  # noqa: E402 -- the same
from tests.vectors.reference_money_cases import bill_cases, value_cases  # noqa: E402 -- the same
from tests.vectors.reference_period import ReferencePeriod, from_hex, to_hex  # noqa: E402 -- the same
from tests.vectors.reference_records import bundle_of, chain_of, expected_of  # noqa: E402 -- the same

Json = dict[str, Any]
FOLDER = ROOT / "tests" / "vectors"
U64_MAX = 2**64 - 1
WITHHELD = {("roof", 2), ("owners", 1)}  # (community, seat) whose bundle comes without headers
WHOLE = {"single", "street", "roof", "large", "sellers"}  # communities with a bundle of each participant


def keccak_cases() -> Json:
    """Hash inputs around the block of 136 bytes."""
    lengths = [0, 1, 31, 32, 64, 107, 134, 135, 136, 137, 200, 272]
    inputs = [bytes(i * 7 % 256 for i in range(length)) for length in lengths]
    return {
        "what": "keccak-256",
        "cases": [{"input": to_hex(i), "hash": to_hex(ref.keccak(i))} for i in inputs],
    }


def identifier_cases() -> Json:
    """Form each kind of identifier."""
    community, signer, nonce = (
        from_hex(bytes_named("c")),
        from_hex(bytes_named("s", 20)),
        from_hex(bytes_named("n")),
    )
    common = {"community": to_hex(community), "period": 17_318}
    files = [b"metering_point,start\n", "Zählpunkt\n".encode(), b""]
    cases: list[tuple[Json, bytes]] = [
        ({"kind": "terms", **common}, ref.terms_bytes(community, 17_318)),
        ({"kind": "schedule", **common, "version": 3}, ref.schedule_bytes(community, 17_318, 3)),
        ({"kind": "run", **common, "version": 1}, ref.run_bytes(community, 17_318, 1)),
        ({"kind": "run", **common, "version": 2**32 - 1}, ref.run_bytes(community, 17_318, 2**32 - 1)),
        (
            {"kind": "batch", **common, "version": 2, "signer": to_hex(signer)},
            ref.batch_bytes(community, 17_318, 2, signer),
        ),
        *(
            ({"kind": "tag", "nonce": to_hex(nonce), "number": number}, ref.tag_bytes(nonce, number))
            for number in ("14512345678901", "AT0010000000000000001000000000001", "école-toit")
        ),
        *(
            (
                {"kind": "source", "salt": to_hex(nonce), "files": [to_hex(file) for file in chosen]},
                ref.source_bytes(nonce, chosen),
            )
            for chosen in (files[:1], files, files[2:])
        ),
    ]
    told = [{**fields, "bytes": to_hex(data), "id": to_hex(ref.keccak(data))} for fields, data in cases]
    return {"what": "identifiers, section 4", "cases": told}


def salt_cases() -> Json:
    """Salt each kind of leaf, and rows at the corners of their places."""
    key, community, scope = (bytes_named(name) for name in ("key", "community", "scope"))
    places = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (2**32 - 1, 2**16 - 1, 2**16 - 1), (258, 3, 95)]
    cases = []
    for kind in range(2, 16):
        for place in places if kind == 3 else places[-1:]:  # noqa: PLR2004 -- rows take every place
            salt = ref.salt_of(from_hex(key), from_hex(community), from_hex(scope), kind, place)
            named = dict(zip(("slot", "day", "t"), place, strict=True))
            fields = {"key": key, "community": community, "id": scope, "kind": kind, **named}
            cases.append({**fields, "salt": to_hex(salt)})
    return {"what": "salts, section 5", "cases": cases}


def add_costs(add: Callable[[int, str, Json, bytes], None], salt_hex: str, drawn: list[int]) -> None:
    """Add what a link costs, and how that is weighed."""
    salt, weight, cap = from_hex(salt_hex), drawn[6] - 2**63, drawn[7]
    fields: Json = {"salt": salt_hex, "weight": str(weight), "cap": str(cap)}
    add(14, "cost", fields, ref.cost_leaf(salt, weight, cap))
    numbers = [*drawn[:3], drawn[3] % 2**32]
    names = ("shared", "consumer_step", "producer_step")
    told = dict(zip(names, map(str, numbers[:3]), strict=True))
    add(15, "scale", {"salt": salt_hex, **told, "steps": numbers[3]}, ref.scale_leaf(salt, numbers))


def leaf_cases() -> Json:
    """Encode each kind of leaf with zeros, the largest and drawn figures."""
    draw = random.Random(6)  # noqa: S311 -- vectors need the same figures every time
    salt_hex = bytes_named("salt", 16)
    salt = from_hex(salt_hex)
    cases: list[Json] = []

    def add(kind: int, name: str, fields: Json, data: bytes) -> None:
        cases.append(
            {
                "kind": kind,
                "name": name,
                "fields": fields,
                "bytes": to_hex(data),
                "hash": to_hex(ref.keccak(data)),
            }
        )

    def text(values: list[int]) -> list[str]:
        return [str(value) for value in values]

    def named(names: str, values: list[int]) -> dict[str, str]:
        return dict(zip(names.split(), text(values), strict=True))

    def text_of(lists: list[list[int]]) -> list[list[str]]:
        return [text(values) for values in lists]

    for least, most in ((0, 0), (U64_MAX, U64_MAX), (0, 10**7), (0, 2**63)):
        v = [draw.randint(least, most) for _ in range(17)]
        bands = [[draw.randint(least, most) for _ in range(2)] for _ in range(4)]
        totals, told = (
            [*ref.flat(bands), *v[4:6]],
            {"bands": text_of(bands), **named("value credited", v[4:6])},
        )
        for rounds in ([], bands[:1], bands[:3]):
            figures = [*v[:4], v[3] % 2**32, v[4] % 4]
            header = {
                **named("P C A V", v[:4]),
                "tau": figures[4],
                "band": figures[5],
                "rounds": text_of(rounds),
            }
            add(1, "header", header, ref.header_leaf([*figures, *ref.flat(rounds)]))
            stair = {"salt": salt_hex, **named("P C A S", v[:4]), "rounds": text_of(rounds)}
            add(2, "stair", stair, ref.stair_leaf(salt, v[:4], rounds))
        row = {"salt": salt_hex, **named("energy allocated", v[:2]), "quality": v[2] % 4, **told}
        add(3, "row", row, ref.row_leaf(salt, v[0], v[1], v[2] % 4, totals))
        linked = [[slot * (most % 97 + 1), *v[slot : slot + 2], slot % 3] for slot in range(most % 5)]
        links = ref.links_leaf(salt, linked)
        add(12, "links", {"salt": salt_hex, "links": text_of(linked)}, links)
        potential, flows = v[6] - 2**63, [entry[:2] for entry in linked]
        detail = ref.detail_leaf(salt, potential, flows)
        add(13, "detail", {"salt": salt_hex, "potential": str(potential), "links": text_of(flows)}, detail)
        add_costs(add, salt_hex, v)
        row_of_flow = {**row, "detail": to_hex(ref.keccak(detail))}
        data = ref.row_leaf(salt, v[0], v[1], v[2] % 4, totals, ref.keccak(detail))
        add(3, "row of flow", row_of_flow, data)
        period = {"salt": salt_hex, **told, "links": to_hex(ref.keccak(links))}
        add(4, "period", period, ref.period_leaf(salt, totals, ref.keccak(links)))
        coefficient = v[0] % 2**32
        add(
            11,
            "coefficient",
            {"salt": salt_hex, "coefficient_ppm": coefficient},
            ref.coefficient_leaf(salt, coefficient),
        )
        add(
            5,
            "period_stair",
            {"salt": salt_hex, **named("P C A S", v[:4])},
            ref.period_stair_leaf(salt, v[:4]),
        )
        bill = {"salt": salt_hex, "lines": text(v[:13]), **named("vat_debit vat_credit debit credit", v[13:])}
        add(6, "bill", bill, ref.bill_leaf(salt, v[:13], v[13:]))
        sums = named("debits credits fees vat_debits vat_credits", v[:5])
        add(7, "bill_stair", {"salt": salt_hex, **sums}, ref.bill_stair_leaf(salt, v[:5]))
        reading = {"salt": salt_hex, "energy": str(v[0]), "quality": v[1] % 4, "source": v[2] % 5}
        add(8, "reading", reading, ref.reading_leaf(salt, v[0], v[1] % 4, v[2] % 5))
        counts = {"salt": salt_hex, **named("measured estimated missing", v[:3])}
        add(9, "reading_stair", counts, ref.reading_stair_leaf(salt, v[:3]))
        classes = {"salt": salt_hex, "vat_class": v[0] % 3, "network_class": 0}
        add(10, "class", classes, ref.class_leaf(salt, v[0] % 3, 0))
    return {"what": "leaves, section 6", "cases": cases}


def shape_cases() -> Json:
    """Take the depths of small, odd and large shapes."""
    cases = []
    for slots in (1, 2, 3, 4, 5, 8, 9, 16, 17, 1000, 1024, 1025):
        for intervals in ([1], [24], [23, 24, 25], [96] * 31, [92, *[96] * 28, 100]):
            depths = [ref.depth_of(n) for n in (slots, len(intervals), max(intervals), ref.blocks_of(slots))]
            names = ("slot_depth", "day_depth", "interval_depth", "stair_depth")
            cases.append({"slots": slots, "intervals": intervals, **dict(zip(names, depths, strict=True))})
    return {"what": "depths of the trees, section 2", "cases": cases}


def tree_cases() -> Json:
    """Build trees of every kind of gap: empty, of depth zero, full but for the end."""
    cases = []
    for depth, present in (
        (0, [0]),
        (0, []),
        (1, [1]),
        (2, [0, 1, 2]),
        (3, [0, 2, 3, 7]),
        (5, [*range(23)]),
        (4, []),
    ):
        leaves = {index: ref.keccak(bytes([index])) for index in present}
        width = max(present, default=-1) + 1
        places = sorted({0, 2**depth - 1, *present[1:2]})
        paths = [
            {
                "index": index,
                "leaf": to_hex(leaves.get(index, ref.ZERO)),
                "path": [to_hex(node) for node in ref.path_of(leaves, depth, index)],
            }
            for index in places
        ]
        subtrees = [
            {
                "level": level,
                "index": index >> level,
                "root": to_hex(ref.subtree(leaves, level, index >> level)),
                "path": [to_hex(node) for node in ref.path_of(leaves, depth, index >> level, level)],
            }
            for level in range(1, depth)
            for index in places[-1:]
        ]
        cases.append(
            {
                "depth": depth,
                "leaves": [to_hex(leaves[i]) if i in leaves else None for i in range(width)],
                "root": to_hex(ref.subtree(leaves, depth, 0)),
                "paths": paths,
                "subtrees": subtrees,
            }
        )
    return {"what": "positional trees, sections 3 and 7", "cases": cases}


def share_cases() -> Json:
    """Share pools that are short, ample, empty and beyond 64-bit products."""
    draw = random.Random(8)  # noqa: S311 -- vectors need the same figures every time
    pools = [(10, [7, 8]), (0, [3, 4]), (12, [0, 0]), (15, [7, 8]), (16, [7, 8]), (1, [1, 1, 1])]
    pools += [(2**62, [2**62, 2**61, 3]), (2**52 + 1, [2**52, 2**51 + 7, 12_345])]
    pools += [(draw.randrange(10**7), [draw.randrange(10**6) for _ in range(9)]) for _ in range(4)]
    dynamic, static, producers = [], [], []
    for pool, wanted in pools:
        slots = dict(enumerate(wanted))
        coefficients = [draw.randrange(10**6 // len(wanted) + 1) for _ in wanted]
        fields = {"feed_in": str(pool), "consumption": [str(energy) for energy in wanted]}
        given = keys.share(sharing_key(keys.DYNAMIC), len(wanted) + 1, 0, slots, {len(wanted): pool}).given
        dynamic.append({**fields, "allocated": [str(given[slot]) for slot in slots]})
        fixed = sharing_key(keys.STATIC, coefficients)
        given = keys.share(fixed, len(wanted) + 1, 0, slots, {len(wanted): pool}).given
        told = {"coefficients_ppm": coefficients, "allocated": [str(given[slot]) for slot in slots]}
        static.append({**fields, **told})
    splits = [
        (4, 0, {1: 10, 3: 5}, 7),
        (4, 3, {1: 10, 3: 5}, 7),
        (5, 2, {0: 0, 1: 0}, 0),
        (3, 9, {0: 2, 1: 2, 2: 2}, 4),
    ]
    splits += [(7, 95, {0: 2**61, 6: 2**61 + 1, 3: 5}, 2**61 + 3), (2, 1, {1: 9}, 9), (2, 1, {1: 9}, 0)]
    for count in (3, 8, 17):
        feed_in = {slot: draw.randrange(10**6) for slot in sorted(draw.sample(range(20), count))}
        splits.append((20, draw.randrange(96), feed_in, draw.randrange(sum(feed_in.values()))))
    for slots_, t, feed_in, total in splits:
        tau, parts = keys.split(slots_, t, feed_in, total)
        assert sum(parts.values()) == total
        fields_ = {"slots": slots_, "t": t, "feed_in": [[slot, str(g)] for slot, g in feed_in.items()]}
        producers.append(
            {**fields_, "allocated": str(total), "tau": tau, "shared": [str(p) for p in parts.values()]}
        )
    return {"what": "shares, section 8", "dynamic": dynamic, "static": static, "producers": producers}


def community_file(name: str) -> Json:
    """Give one community's file: inputs, what they come to, the chain's answers and bundles."""
    period = ReferencePeriod(COMMUNITIES[name]())
    seats = [bill["seat"] for bill in period.bills]
    if name == "roof":
        seats = [0, 1, 2]  # a day of quarter-hours three times is enough
    if name not in WHOLE:
        seats = seats[:2]
    bundles = [bundle_of(period, seat, with_headers=(name, seat) not in WITHHELD) for seat in seats]
    doc = (COMMUNITIES[name].__doc__ or name).removeprefix("Give ").strip().splitlines()[0]
    whole = {
        "inputs": period.inputs,
        "expected": expected_of(period),
        "chain": chain_of(period),
        "bundles": bundles,
    }
    return {"what": doc, **whole}


def make_files() -> dict[Path, str]:
    """Give the text of every file by its path."""
    made = {
        "keccak": keccak_cases(),
        "identifiers": identifier_cases(),
        "salts": salt_cases(),
        "leaves": leaf_cases(),
        "shapes": shape_cases(),
        "trees": tree_cases(),
        "shares": share_cases(),
        "values": value_cases(),
        "bills": bill_cases(),
        **{f"communities/{name}": community_file(name) for name in COMMUNITIES},
    }
    head = {"format": "partage-vectors", "version": 1}
    return {FOLDER / f"{name}.json": write_json({**head, **content}) for name, content in made.items()}


def write_json(content: Json) -> str:
    """Write one entry of the top level, or of a list or object below it, per line: small, yet a diff can be read."""

    def inner(value: object, depth: int) -> str:
        if depth and isinstance(value, dict | list) and value:
            pad = "\n" + " " * (3 - depth)
            if isinstance(value, dict):
                body = ("," + pad).join(f"{json.dumps(k)}: {inner(v, depth - 1)}" for k, v in value.items())
                return "{" + pad + body + pad[:-1] + "}"
            return "[" + pad + ("," + pad).join(inner(v, depth - 1) for v in value) + pad[:-1] + "]"
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    return inner(content, 2) + "\n"


def main() -> int:
    """Write the files, or check them."""
    files = make_files()
    if "--check" in sys.argv[1:]:
        wrong = [
            path for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text
        ]
        wrong += sorted(set(FOLDER.glob("communities/*.json")) - set(files))
        for path in wrong:
            print(
                f"{path.relative_to(ROOT)} is not what the reference gives: run scripts/make_vectors.py, read the diff"
            )
        return 1 if wrong else 0
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"{path.relative_to(ROOT)}  {len(text.encode()):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
