"""The tables. A row has the fields of the record it keeps, so that one turns into the other by name.

``table=True`` classes are not validated: records are checked where they are made, the database by its constraints.
Whole numbers are 64 bits wide on both engines. The migrations must make what stands here; a test compares them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from backend.adapters.store.columns import (
    CanonicalJson,
    CanonicalTuple,
    ChoiceText,
    KeptCall,
    KeptReceipt,
    KeptTransaction,
)
from backend.ports import ContractCall, OutboxState, Receipt, RunState, SignedTransaction

__all__ = [
    "METADATA",
    "AccessRow",
    "BatchRow",
    "BillRow",
    "CommunityRow",
    "FactRow",
    "InvoiceCounterRow",
    "InvoiceRow",
    "LoginRow",
    "OutboxRow",
    "PartyRow",
    "PeriodRow",
    "PostingRow",
    "Row",
    "RuleVersionRow",
    "RunRow",
    "ScheduleRow",
    "SlotKeyRow",
    "SlotRow",
    "TreatmentRow",
    "UserRow",
]

# Constraints are named by rule, the same on both engines, so that a later migration can name them.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the column is called INTEGER; it is 64 bits wide there.
_COUNTED = BigInteger().with_variant(Integer(), "sqlite")

_RUN_STATE = ChoiceText(RunState)


class Row(SQLModel):
    """A row of any table."""

    metadata: ClassVar[MetaData] = METADATA


class CommunityRow(Row, table=True):
    """A community, as it was loaded last."""

    __tablename__ = "community"

    id: str = Field(primary_key=True)
    anchor: str = Field(unique=True)
    definition: str = Field(sa_type=Text)
    created_utc: int = Field(sa_type=BigInteger)
    carbon_source: str


class SlotRow(Row, table=True):
    """The slot of a metering point in its community: given once, never to another."""

    __tablename__ = "slot"
    __table_args__ = (
        ForeignKeyConstraint(["community"], ["community.id"]),
        UniqueConstraint("community", "slot"),
    )

    community: str = Field(primary_key=True)
    metering_point: str = Field(primary_key=True)
    slot: int = Field(sa_type=BigInteger)


class RuleVersionRow(Row, table=True):
    """A rule version as scheduled on chain."""

    __tablename__ = "rule_version"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    effective_from: int = Field(sa_type=BigInteger)
    definition: Any = Field(sa_type=CanonicalJson, nullable=False)


class TreatmentRow(Row, table=True):
    """What was decided about a faulty metering point, and when."""

    __tablename__ = "treatment"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    metering_point: str = Field(primary_key=True)
    decided_utc: int = Field(primary_key=True, sa_type=BigInteger)
    treatment: str
    reason: str


class PeriodRow(Row, table=True):
    """A period as frozen by ``openPeriod``."""

    __tablename__ = "period"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    period: int = Field(primary_key=True, sa_type=BigInteger)
    label: str
    days: int = Field(sa_type=BigInteger)
    rule_version: int = Field(sa_type=BigInteger)
    slots: int = Field(sa_type=BigInteger)
    terms: Any = Field(sa_type=CanonicalJson, nullable=False)
    auditors_key: str
    classes_root: str


class SlotKeyRow(Row, table=True):
    """K and tag nonce of a slot in a period. Alone in its table, so that erasure is a delete."""

    __tablename__ = "slot_key"
    __table_args__ = (ForeignKeyConstraint(["community", "period"], ["period.community", "period.period"]),)

    community: str = Field(primary_key=True)
    period: int = Field(primary_key=True, sa_type=BigInteger)
    slot: int = Field(primary_key=True, sa_type=BigInteger)
    key: str
    nonce: str


class BatchRow(Row, table=True):
    """A batch of readings as anchored."""

    __tablename__ = "batch"
    __table_args__ = (ForeignKeyConstraint(["community", "period"], ["period.community", "period.period"]),)

    community: str = Field(primary_key=True)
    period: int = Field(primary_key=True, sa_type=BigInteger)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    batch_id: str
    root: str
    measured: int = Field(sa_type=BigInteger)
    estimated: int = Field(sa_type=BigInteger)
    missing: int = Field(sa_type=BigInteger)
    label: int = Field(sa_type=BigInteger)
    source: str
    signer: str
    inputs_hash: str
    loads: Any = Field(sa_type=CanonicalTuple, nullable=False)


class ScheduleRow(Row, table=True):
    """Coefficients of a period as handed in."""

    __tablename__ = "schedule"
    __table_args__ = (ForeignKeyConstraint(["community", "period"], ["period.community", "period.period"]),)

    community: str = Field(primary_key=True)
    period: int = Field(primary_key=True, sa_type=BigInteger)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    schedule_id: str
    root: str
    slots: int = Field(sa_type=BigInteger)
    day_count: int = Field(sa_type=BigInteger)
    intervals_max: int = Field(sa_type=BigInteger)
    file_hash: str


class RunRow(Row, table=True):
    """A settlement run; its totals are whole milliwatt-hours, those of its bills cents."""

    __tablename__ = "run"
    __table_args__ = (ForeignKeyConstraint(["community", "period"], ["period.community", "period.period"]),)

    community: str = Field(primary_key=True)
    period: int = Field(primary_key=True, sa_type=BigInteger)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    run_id: str
    batch_version: int = Field(sa_type=BigInteger)
    rule_version: int = Field(sa_type=BigInteger)
    basis: str
    root: str
    feed_in: int = Field(sa_type=BigInteger)
    consumption: int = Field(sa_type=BigInteger)
    allocated: int = Field(sa_type=BigInteger)
    shared: int = Field(sa_type=BigInteger)
    state: RunState = Field(sa_type=_RUN_STATE)
    bill_root: str
    bill_state: RunState = Field(sa_type=_RUN_STATE)
    bill_totals: Any = Field(sa_type=CanonicalJson, nullable=False)
    seconds: Any = Field(sa_type=CanonicalJson, nullable=False)
    created_utc: int = Field(sa_type=BigInteger)


class BillRow(Row, table=True):
    """A participant's bill of a run."""

    __tablename__ = "bill"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community", "period", "version"], ["run.community", "run.period", "run.version"]
        ),
        # A number is given once in a community; bills that have none yet are not compared.
        Index(
            "ix_bill_community_number",
            "community",
            "number",
            unique=True,
            sqlite_where=text("number <> ''"),
            postgresql_where=text("number <> ''"),
        ),
    )

    community: str = Field(primary_key=True)
    period: int = Field(primary_key=True, sa_type=BigInteger)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    participant: str = Field(primary_key=True)
    seat: int = Field(sa_type=BigInteger)
    content: Any = Field(sa_type=CanonicalJson, nullable=False)
    number: str
    issued_utc: int = Field(sa_type=BigInteger)


class InvoiceCounterRow(Row, table=True):
    """The last invoice number that a seller gave in a year."""

    __tablename__ = "invoice_counter"

    seller: str = Field(primary_key=True)
    year: int = Field(primary_key=True, sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)


class InvoiceRow(Row, table=True):
    """An invoice or credit note as issued."""

    __tablename__ = "invoice"
    __table_args__ = (
        ForeignKeyConstraint(["community", "period"], ["period.community", "period.period"]),
        Index("ix_invoice_community_period", "community", "period"),
    )

    community: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    period: int = Field(sa_type=BigInteger)
    version: int = Field(sa_type=BigInteger)
    seller: str
    buyer: str
    type_code: int = Field(sa_type=BigInteger)
    issued_utc: int = Field(sa_type=BigInteger)
    content: Any = Field(sa_type=CanonicalJson, nullable=False)


class PartyRow(Row, table=True):
    """Address, account and mandate of a participant. Alone in its table, so that erasure is a delete."""

    __tablename__ = "party"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    participant: str = Field(primary_key=True)
    details: Any = Field(sa_type=CanonicalJson, nullable=False)


class PostingRow(Row, table=True):
    """One posting; its entries sum to zero."""

    __tablename__ = "posting"
    __table_args__ = (Index("ix_posting_community_period", "community", "period"),)

    id: str = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger, unique=True)
    community: str
    period: int = Field(sa_type=BigInteger)
    version: int = Field(sa_type=BigInteger)
    reason: str
    entries: Any = Field(sa_type=CanonicalTuple, nullable=False)


class OutboxRow(Row, table=True):
    """A chain write, announced in the transaction of what it announces."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_community_state", "community", "state"),)

    id: str = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger, unique=True)
    community: str
    period: int = Field(sa_type=BigInteger)
    call: ContractCall = Field(sa_type=KeptCall, nullable=False)
    state: OutboxState = Field(sa_type=ChoiceText(OutboxState))
    transaction: SignedTransaction | None = Field(default=None, sa_type=KeptTransaction)
    receipt: Receipt | None = Field(default=None, sa_type=KeptReceipt)
    refusal: str


class FactRow(Row, table=True):
    """A fact by name."""

    __tablename__ = "fact"

    name: str = Field(primary_key=True)
    value: Any = Field(sa_type=CanonicalJson, nullable=False)


class UserRow(Row, table=True):
    """Who may log in."""

    __tablename__ = "user_account"

    id: str = Field(primary_key=True)
    login: str = Field(unique=True)
    password_hash: str
    roles: Any = Field(sa_type=CanonicalTuple, nullable=False)
    community: str = Field(index=True)
    participant: str
    disabled: bool
    locale: str


class LoginRow(Row, table=True):
    """An open session."""

    __tablename__ = "login"
    __table_args__ = (ForeignKeyConstraint(["user"], ["user_account.id"]),)

    id: str = Field(primary_key=True)
    user: str = Field(index=True)
    token_hash: str = Field(unique=True)
    expires_utc: int = Field(sa_type=BigInteger)


class AccessRow(Row, table=True):
    """A look of one person at the data of another."""

    __tablename__ = "access"

    sequence: int | None = Field(default=None, primary_key=True, sa_type=_COUNTED)
    user: str
    subject: str = Field(index=True)
    what: str
    at_utc: int = Field(sa_type=BigInteger)
