"""Records as a small community has them."""

from backend.ports import (
    BatchRecord,
    BillRecord,
    CommunityRecord,
    ContractCall,
    OutboxEntry,
    PeriodRecord,
    PostingRecord,
    Records,
    RunRecord,
    RunState,
    ScheduleRecord,
    SlotKey,
    UserRecord,
)

PERIOD = 17318
LARGEST = 2**63 - 1

COMMUNITY = CommunityRecord(
    "roof", "0x" + "ab" * 32, '[community]\nid = "roof"\n', {"load": 0, "solar": 1}, 1_500_000_000
)
FROZEN = PeriodRecord(
    "roof",
    PERIOD,
    "2017-06",
    30,
    1,
    2,
    [{"slot": 0, "point": "load", "seat": 0}, {"slot": 1}],
    "0xaa",
    "0xbb",
)
KEYS = [SlotKey("roof", PERIOD, slot, f"0x{slot:064x}", f"0x{slot + 9:064x}") for slot in range(2)]
BATCH = BatchRecord(
    "roof", PERIOD, 1, "0x01", "0x02", 100, 3, 1, 1, "0x03", "0x04", "0x05", ("load-b", "load-a")
)
SCHEDULE = ScheduleRecord("roof", PERIOD, 1, "0x11", "0x12", 2, 30, 96, "0x13")
RUN = RunRecord(
    "roof",
    PERIOD,
    1,
    "0x06",
    1,
    1,
    "0x07",
    LARGEST,
    LARGEST - 1,
    LARGEST - 2,
    5,
    RunState.PREPARED,
    "0x14",
    seconds={"allocate": 0.25},
)
BILL = BillRecord("roof", PERIOD, 1, "home-01", 0, {"lines": [1, 2, LARGEST], "name": "Énergie"})
POSTING = PostingRecord(
    "roof/1/home-01", "roof", PERIOD, 1, "bill", (("member:home-01", 250), ("community", -250))
)
CALL = ContractCall(
    "settler",
    "settlement_ledger",
    "proposeRun",
    ("0x" + "ab" * 32, 2**256 - 1, [1, [2]], {"b": 1, "a": [True]}),
)
ENTRY = OutboxEntry("roof/17318/run/1", "roof", PERIOD, CALL)
USER = UserRecord("u1", "ada", "argon2...", ("member", "auditor"), "roof", "home-01")


def put_period(records: Records) -> None:
    """A community with a frozen period."""
    records.put_community(COMMUNITY)
    records.add_period(FROZEN, KEYS)
