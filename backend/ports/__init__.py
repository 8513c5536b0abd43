"""What services ask of the world, as Protocols and the plain records that pass through them.

``RecordStore`` keeps master data, rules, runs, bills, postings, users and the outbox; ``IntervalStore`` keeps readings
and allocations; ``ChainGateway`` signs, sends and reads; ``Clock`` tells the time; ``KeyVault`` holds the keys that
sign.
Adapters implement them, ``backend.bootstrap`` joins both.
"""

from backend.ports.carbon import CarbonIntensity
from backend.ports.chain import (
    NOBODY,
    ChainEvent,
    ChainFacts,
    ChainGateway,
    ContractCall,
    GovernanceContracts,
    GovernanceSettings,
    Receipt,
    SignedTransaction,
)
from backend.ports.clock import Clock
from backend.ports.intervals import AllocationFrame, Coverage, IntervalStore, ReadingLoad
from backend.ports.invoice_records import InvoiceRecord, PartyRecord
from backend.ports.meter_files import (
    MeterFileContents,
    MeterFileContentsReader,
    MeterFileLoader,
    MeterFileReader,
)
from backend.ports.record_store import Records, RecordStore
from backend.ports.records import (
    NO_BASIS,
    BatchRecord,
    BillRecord,
    CommunityRecord,
    LoginRecord,
    OutboxEntry,
    OutboxState,
    PeriodRecord,
    PointTreatment,
    PostingRecord,
    RuleVersionRecord,
    RunRecord,
    RunState,
    ScheduleRecord,
    SlotKey,
    UserRecord,
)

__all__ = [
    "NOBODY",
    "NO_BASIS",
    "AllocationFrame",
    "BatchRecord",
    "BillRecord",
    "CarbonIntensity",
    "ChainEvent",
    "ChainFacts",
    "ChainGateway",
    "Clock",
    "CommunityRecord",
    "ContractCall",
    "Coverage",
    "GovernanceContracts",
    "GovernanceSettings",
    "IntervalStore",
    "InvoiceRecord",
    "LoginRecord",
    "MeterFileContents",
    "MeterFileContentsReader",
    "MeterFileLoader",
    "MeterFileReader",
    "OutboxEntry",
    "OutboxState",
    "PartyRecord",
    "PeriodRecord",
    "PointTreatment",
    "PostingRecord",
    "ReadingLoad",
    "Receipt",
    "RecordStore",
    "Records",
    "RuleVersionRecord",
    "RunRecord",
    "RunState",
    "ScheduleRecord",
    "SignedTransaction",
    "SlotKey",
    "UserRecord",
]
