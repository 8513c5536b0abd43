"""The small communities put on a chain: the calls that found one, open its period and anchor a batch, a run and bills.

Days of the vectors' communities are short; here they are as long as contracts take them, one of 23 and one of 25 hours,
interval t being that of the community's day at t modulo its length. Every community runs on a chain of its own.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from eth_account import Account

from backend.adapters.chain.abi import ContractAbi
from backend.adapters.chain.artifacts import load_artifact
from backend.adapters.chain.deployment import CONTRACT_NAMES, predict_address
from tests.vectors import reference as ref
from tests.vectors import reference_keys as keys
from tests.vectors.contest_trees import BatchTrees, BillTrees, CoveredPeriod, RunTrees
from tests.vectors.reference_cases import community, point, rule, sharing_key
from tests.vectors.reference_communities import COMMUNITIES
from tests.vectors.reference_records import pack_bands, points_hash
from tests.vectors.reference_settlement import from_hex, to_hex

__all__ = [
    "CHAIN_ID",
    "DEPLOYER",
    "FIRST_NONCE",
    "WORLDS",
    "Step",
    "World",
    "account",
    "address_of",
    "step_of",
    "world",
]

Json = dict[str, Any]
Step = dict[str, Any]

# Where forge runs a test, and its chain: addresses and signatures are the same there and here.
DEPLOYER, FIRST_NONCE, CHAIN_ID = "0x7FA9385bE102ac3EAc297483Dd6233D62b3e1496", 1, 31_337
BOND_WEI = 10**16
WINDOW_SECONDS = 7 * 86_400
_OPERATOR = Account.from_key(ref.keccak(b"operator of the contests"))
_OPERATOR_ROLE, _SETTLER_ROLE, _AUDITOR_ROLE = 1, 4, 6
_DAY, _HOUR = 86_400, 3_600
# Of what is signed, the fields; the first of each is the community.
_POINT_FIELDS = (
    "bytes32 community,uint32 period,uint32 slot,bytes32 tag,uint8 direction,"
    "uint32 factorPpm,uint16 fromDay,uint16 untilDay"
)
_POINTS_FIELDS = "bytes32 community,uint32 period,ConfirmPoint[] points"
_BATCH_FIELDS = (
    "bytes32 community,uint32 period,uint32 version,bytes32 predecessor,bytes32 root,uint64 measured,"
    "uint64 estimated,uint64 missing,uint8 label,bytes32 source"
)


def account(name: str) -> str:
    """An account that nobody has the key of."""
    return to_hex(ref.keccak(f"{name} of the contests".encode())[:20])


SETTLER, STEWARD, AUDITOR = account("settler"), account("steward"), account("auditor")
OPERATOR = _OPERATOR.address


@cache
def _abi_of(contract: str) -> ContractAbi:
    return ContractAbi(load_artifact(CONTRACT_NAMES[contract]).abi)


def step_of(at: int, sender: str, contract: str, function: str, *arguments: Any, value: int = 0) -> Step:
    """One transaction: when, who, what [value in wei]."""
    data = to_hex(_abi_of(contract).encode_call(function, arguments))
    return {
        "at": at,
        "from": sender,
        "contract": contract,
        "function": function,
        "value": value,
        "data": data,
    }


def address_of(contract: str) -> str:
    """Address of a contract: the deployer creates them in order."""
    return predict_address(DEPLOYER, FIRST_NONCE + list(CONTRACT_NAMES).index(contract))


def _fields(text: str) -> list[dict[str, str]]:
    pairs = (field.split(" ") for field in text.split(","))
    return [{"name": name, "type": kind} for kind, name in pairs]


def _sign(contract: str, types: Mapping[str, str], message: Json) -> str:
    """The operator's signature."""
    domain = {
        "name": "Partage",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": address_of(contract),
    }
    told = {name: _fields(fields) for name, fields in types.items()}
    signed = Account.sign_typed_data(_OPERATOR.key, domain, told, message)
    return to_hex(bytes(signed.signature))


class World:
    """A community in its period, and the calls that bring it there.

    Args:
        name: What it is called in the vectors.
        inputs: Of a community file, its days as long as contracts take them.
    """

    def __init__(self, name: str, inputs: Json) -> None:
        inputs = {**inputs, "signer": _OPERATOR.address, "batch_version": 1, "run_version": 1}
        shared = {**inputs["rule"], "contestWindowSeconds": WINDOW_SECONDS}
        shared["limits"] = {**shared["limits"], "maxEstimatedPpm": 1_000_000, "maxMissingPpm": 1_000_000}
        self.name, self.period = name, CoveredPeriod({**inputs, "rule": shared})
        self.honest_run = RunTrees(self.period, {})
        self.honest_batch = BatchTrees(self.period, {})
        self.honest_bills = BillTrees(self.period, {})

    @property
    def community(self) -> str:
        return to_hex(self.period.community)

    @property
    def method(self) -> int:
        return int(self.period.rule["key"]["method"])

    @property
    def starts_at(self) -> int:
        return int(self.period.inputs["start_utc"])

    @property
    def ends_at(self) -> int:
        """When the period is over and everything is proposed."""
        return self.starts_at + len(self.period.intervals) * _DAY + 2 * _HOUR

    def founding(self) -> list[Step]:
        """Calls from nothing to an open period."""
        early, founder = self.starts_at - _DAY, "0x" + self.community[-40:]
        roles = [(_OPERATOR_ROLE, _OPERATOR.address), (_SETTLER_ROLE, SETTLER), (_AUDITOR_ROLE, AUDITOR)]
        return [
            step_of(early, founder, "registry", "createCommunity", self.community, STEWARD),
            *(
                step_of(early, STEWARD, "registry", "grantRole", self.community, role, holder)
                for role, holder in roles
            ),
            step_of(early, STEWARD, "rule_book", "scheduleRule", self.community, self.period.rule),
            *self._schedules(early),
            self._points(),
            self._opening(),
        ]

    def _schedules(self, at: int) -> list[Step]:
        """Versions before the one that counts hold another root."""
        p = self.period
        if not p.inputs["schedule"]:
            return []
        told = {"slots": p.schedule_slots, "dayCount": p.days, "maxIntervals": max(p.intervals)}
        last = p.inputs["schedule"]["version"]
        roots = {last: to_hex(p.roots["schedule_root"])}
        return [
            step_of(
                at,
                SETTLER,
                "schedule_book",
                "handIn",
                self.community,
                p.number,
                version,
                {"root": roots.get(version, to_hex(ref.keccak(b"another"))), **told},
            )
            for version in range(1, last + 1)
        ]

    def _points(self) -> Step:
        p = self.period
        points = [
            {
                "community": self.community,
                "period": p.number,
                "slot": slot,
                "tag": to_hex(p.tags[slot] or b""),
                "direction": int(p.direction(slot) == "feed_in"),
                "factorPpm": p.point(slot)["factor_ppm"],
                "fromDay": p.point(slot)["from_day"],
                "untilDay": p.point(slot)["until_day"],
            }
            for slot in p.settled_slots
        ]
        signed = _sign(
            "registry",
            {"ConfirmPoints": _POINTS_FIELDS, "ConfirmPoint": _POINT_FIELDS},
            {"community": self.community, "period": p.number, "points": points},
        )
        return step_of(
            self.ends_at, SETTLER, "registry", "confirmPoints", self.community, p.number, points, signed
        )

    def _opening(self) -> Step:
        p = self.period
        opening = {
            "ruleVersion": 1,
            "slots": p.slots,
            "startUtc": self.starts_at,
            "resolutionMinutes": p.inputs["resolution_minutes"],
            "intervals": p.intervals,
            "bands": [int(word, 16) for word in pack_bands(p.inputs["bands"])],
            "seats": p.seats,
            "classesRoot": to_hex(p.roots["classes_root"]),
            "pointsHash": to_hex(points_hash(p)),
        }
        return step_of(self.ends_at, SETTLER, "period_book", "openPeriod", self.community, p.number, opening)

    # ---- what a settler anchors ----

    @property
    def run_id(self) -> str:
        return to_hex(self.period.run_id)

    def batch_id(self, version: int) -> str:
        signer = from_hex(_OPERATOR.address)
        return to_hex(ref.keccak(ref.batch_bytes(self.period.community, self.period.number, version, signer)))

    def batch(self, root: bytes, version: int = 1, claims: Mapping[str, int] | None = None) -> Step:
        """Anchor a batch, the version after the one before it."""
        message = {
            "community": self.community,
            "period": self.period.number,
            "version": version,
            "predecessor": self.batch_id(version - 1) if version > 1 else to_hex(ref.ZERO),
            "root": to_hex(root),
            **self.period.totals["batch"],
            "label": 0,
            "source": to_hex(ref.ZERO),
            **(claims or {}),
        }
        signed = _sign("meter_data_ledger", {"Batch": _BATCH_FIELDS}, message)
        return step_of(self.ends_at, SETTLER, "meter_data_ledger", "submitBatch", message, signed)

    def run(self, root: bytes, batch_version: int = 1, claims: Mapping[str, int] | None = None) -> Step:
        """Propose a run."""
        proposal = {
            "community": self.community,
            "period": self.period.number,
            "version": 1,
            "ruleVersion": 1,
            "batchId": self.batch_id(batch_version),
            "basis": to_hex(self.period.basis),
            "root": to_hex(root),
            **self.period.totals["run"],
            **(claims or {}),
        }
        return step_of(self.ends_at, SETTLER, "settlement_ledger", "proposeRun", proposal, value=BOND_WEI)

    def bills(self, root: bytes, claims: Mapping[str, int] | None = None) -> Step:
        """Propose bills."""
        proposal = {
            "community": self.community,
            "runId": self.run_id,
            "root": to_hex(root),
            **self.period.totals["bills"],
            **(claims or {}),
        }
        return step_of(self.ends_at, SETTLER, "billing_ledger", "proposeBills", proposal, value=BOND_WEI)


# ---- days as long as contracts take them ----


def _stretched(inputs: Json) -> Json:
    """Interval t of a day is that of the community's day at t modulo its length."""
    lengths = inputs["intervals"]
    wanted = [24] if len(lengths) == 1 else [23, 25, *[24] * (len(lengths) - 2)]
    firsts = [sum(lengths[:day]) for day in range(len(lengths))]
    source = [firsts[day] + t % lengths[day] for day in range(len(lengths)) for t in range(wanted[day])]

    def stretch(row: Sequence[int]) -> list[int]:
        return [row[index] for index in source]

    longer: Json = {name: [stretch(row) for row in inputs[name]] for name in ("energy", "quality", "source")}
    if inputs["schedule"]:
        listed = [stretch(row) for row in inputs["schedule"]["coefficients"]]
        longer["schedule"] = {**inputs["schedule"], "coefficients": listed}
    if inputs["operator"]:
        allocated = [stretch(row) for row in inputs["operator"]["allocated"]]
        longer["operator"] = {**inputs["operator"], "allocated": allocated}
    return {**inputs, **longer, "intervals": wanted, "bands": stretch(inputs["bands"])}


def estate() -> Json:
    """Nine slots, so that a fourth stair would find room; the last participant has a point on each side."""
    sides = ["consumption", "consumption", "feed_in", *["consumption"] * 4, "feed_in", "consumption"]
    points: list[Json | None] = [
        point(f"house-{number}", side, (0, 2), vat_class=2 * (number > 6))
        for number, side in enumerate(sides)
    ]
    prices = {"communityVatClass": 2, "billedBy": 15}
    shared = rule(sharing_key(keys.CASCADE, [150_000] * 6), **prices)
    return community("estate", points, [23, 25], shared, seats=[*range(8), 7], seed=9)


def month() -> Json:
    """Thirty days in which readings lack for an hour or a day: a line between neighbours, the mean of similar days."""
    points: list[Json | None] = [
        point("flat", "consumption", (0, 30)),
        point("roof", "feed_in", (0, 30)),
        point("shop", "consumption", (2, 30), vat_class=2),
    ]
    voted = rule(sharing_key(keys.DYNAMIC))
    voted["limits"] = {
        **voted["limits"],
        "terms": to_hex(bytes(32)),
    }  # the software's own: nothing is profiled
    inputs = community("month", points, [24] * 30, voted, seed=3)
    draw = random.Random(30)
    for slot in range(3):
        there = range(48 if slot == 2 else 0, 720)
        sun = [slot != 1 or 5 < index % 24 < 20 for index in range(720)]
        inputs["energy"][slot] = [draw.randrange(1, 900_000) * (i in there and sun[i]) for i in range(720)]
        inputs["quality"][slot], inputs["source"][slot] = [0] * 720, [0] * 720
    for estimated in (interpolate, average):
        estimated(inputs)
    return inputs


def interpolate(inputs: Json) -> None:
    """Gaps of one and two hours; between 3 and 9 the first of two is floor((2·3 + 9) / 3)."""
    for first, count in ((5 * 24 + 7, 2), (6 * 24 + 23, 2), (9 * 24, 1)):
        row = inputs["energy"][0]
        before, after = row[first - 1], row[first + count]
        for i in range(1, count + 1):
            energy = (before * (count + 1 - i) + after * i) // (count + 1)
            _estimate(inputs, 0, first + i - 1, energy, 2)


def average(inputs: Json) -> None:
    """A reading of day 15 is the mean of its weekday's, two weeks around; where these lack, of the days' around it."""
    shop, flat = inputs["energy"][2], inputs["energy"][0]
    for hour in range(8, 14):  # on day 1 the shop is not there yet
        _estimate(inputs, 2, 15 * 24 + hour, sum(shop[day * 24 + hour] for day in (8, 22, 29)) // 3, 3)
    for day in (1, 8, 22, 29):
        flat[day * 24 + 3] = 0
        inputs["quality"][0][day * 24 + 3], inputs["source"][0][day * 24 + 3] = 3, 4
    _estimate(inputs, 0, 15 * 24 + 3, sum(flat[day * 24 + 3] for day in (14, 16, 13, 17)) // 4, 3)


def _estimate(inputs: Json, slot: int, index: int, energy: int, source: int) -> None:
    inputs["energy"][slot][index] = energy
    inputs["quality"][slot][index], inputs["source"][slot][index] = 1, source


def _whole(inputs: Json) -> bool:
    return all(count * inputs["resolution_minutes"] >= 23 * 60 for count in inputs["intervals"])


@cache
def world(name: str) -> World:
    """A community's world by its name."""
    inputs = {**COMMUNITIES, "estate": estate, "month": month}[name]()
    return World(name, inputs if _whole(inputs) else _stretched(inputs))


WORLDS = (*COMMUNITIES, "estate", "month")
