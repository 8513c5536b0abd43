"""Passkeys, accounts on chain, sealed keys; and what erasing a person does to the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, update
from sqlmodel import col, select

from backend.adapters.store.governance_tables import DraftRow, RehearsalRow
from backend.adapters.store.identity_tables import (
    AccountRow,
    ErasingRow,
    ErasureRow,
    KeyBackupRow,
    PasskeyRow,
)
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.adapters.store.tables import (
    AccessRow,
    BillRow,
    CommunityRow,
    FactRow,
    InvoiceCounterRow,
    InvoiceRow,
    LoginRow,
    PeriodRow,
    SlotRow,
    TreatmentRow,
    UserRow,
)
from backend.errors import ConflictError
from backend.ports import LoginRecord
from backend.ports.identity_records import AccountRecord, ErasureRecord, KeyBackupRecord, PasskeyRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Delete

    from backend.adapters.store.tables import Row

__all__ = ["IdentityRecords"]

_THERE = 1


class IdentityRecords(RecordSet):
    """Implements ``backend.ports.identity_records.IdentityRecords``."""

    # passkeys

    def put_passkey(self, record: PasskeyRecord) -> None:
        """Keep a passkey, or how often it was used.

        Raises:
            ConflictError: If the credential is another user's.
        """
        known = self.passkey(record.id)
        if known is not None and known.user != record.user:
            raise ConflictError("This passkey belongs to another log-in; make a new one.")
        self._put_identity(row_of(PasskeyRow, record))

    def passkey(self, credential: str) -> PasskeyRecord | None:
        """A passkey by its credential id, None where there is none."""
        row = self._session.get(PasskeyRow, credential)
        return None if row is None else record_of(PasskeyRecord, row)

    def passkeys(self, user: str) -> list[PasskeyRecord]:
        """A user's, in the order in which they were made."""
        rows = self._session.exec(
            select(PasskeyRow)
            .where(PasskeyRow.user == user)
            .order_by(col(PasskeyRow.created_utc), col(PasskeyRow.id))
        )
        return [record_of(PasskeyRecord, row) for row in rows]

    def remove_passkey(self, credential: str) -> None:
        """Forget a passkey."""
        self._erase(delete(PasskeyRow).where(col(PasskeyRow.id) == credential))

    # accounts

    def put_account(self, record: AccountRecord) -> None:
        """Keep a link of a user and an account.

        Raises:
            ConflictError: If the account is linked to another user at present.
        """
        holder = self.account_at(record.address)
        if holder is not None and holder.user != record.user:
            raise ConflictError("This account is linked to another log-in; use another account.")
        self._put_identity(row_of(AccountRow, record))

    def accounts(self, user: str) -> list[AccountRecord]:
        """A user's, ended ones too, in the order in which they were linked."""
        rows = self._session.exec(
            select(AccountRow)
            .where(AccountRow.user == user)
            .order_by(col(AccountRow.linked_utc), col(AccountRow.address))
        )
        return [record_of(AccountRecord, row) for row in rows]

    def account_at(self, address: str) -> AccountRecord | None:
        """The link of an account that holds at present, None where there is none."""
        row = self._session.exec(
            select(AccountRow).where(AccountRow.address == address, AccountRow.until_utc == 0)
        ).one_or_none()
        return None if row is None else record_of(AccountRecord, row)

    def put_key_backup(self, record: KeyBackupRecord) -> None:
        """Keep a sealed key in place of the one before."""
        self._put_identity(row_of(KeyBackupRow, record))

    def key_backup(self, user: str) -> KeyBackupRecord | None:
        """A user's, None where there is none."""
        row = self._session.get(KeyBackupRow, user)
        return None if row is None else record_of(KeyBackupRecord, row)

    # erasures

    def put_erasure(self, record: ErasureRecord) -> None:
        """Keep that somebody asked to be forgotten, or how far it has come."""
        self._put_identity(row_of(ErasureRow, record))

    def erasures(self, community: str | None = None) -> list[ErasureRecord]:
        """Of a community, or all, in the order in which they were asked for."""
        statement = select(ErasureRow)
        if community is not None:
            statement = statement.where(ErasureRow.community == community)
        ordered = statement.order_by(col(ErasureRow.asked_utc), col(ErasureRow.participant))
        return [record_of(ErasureRecord, row) for row in self._session.exec(ordered)]

    def remove_erasure(self, community: str, participant: str) -> None:
        """Forget that somebody asked."""
        self._erase(
            delete(ErasureRow).where(
                col(ErasureRow.community) == community, col(ErasureRow.participant) == participant
            )
        )

    def logins(self, user: str) -> list[LoginRecord]:
        """A user's open sessions, by id, which begins with when each was opened."""
        rows = self._session.exec(select(LoginRow).where(LoginRow.user == user).order_by(col(LoginRow.id)))
        return [record_of(LoginRecord, row) for row in rows]

    def begin_erasing(self) -> None:
        """Lift, for the rest of this transaction, the guards of what otherwise never changes."""
        self._writer().add(ErasingRow(id=_THERE))
        self._writer().flush()
        self.erased = True
        self.lifted = True

    def close_erasing(self) -> None:
        """Put the guards back; the store does so before it ends a transaction."""
        self._erase(delete(ErasingRow))

    def erase_user(self, user: str, alias: str) -> None:
        """Destroy a user with sessions, passkeys, accounts, sealed key; their looks at others become the alias's."""
        for table in (LoginRow, PasskeyRow, AccountRow, KeyBackupRow):
            self._erase(delete(table).where(col(table.user) == user))
        self._writer().execute(update(AccessRow).where(col(AccessRow.user) == user).values(user=alias))
        self._erase(delete(UserRow).where(col(UserRow.id) == user))

    def erase_accesses(self, subject: str) -> None:
        """Destroy the notes of who looked at somebody's data."""
        self._erase(delete(AccessRow).where(col(AccessRow.subject) == subject))

    def erase_treatments(self, community: str, metering_points: Sequence[str]) -> None:
        """Destroy what was decided about points."""
        self._erase(
            delete(TreatmentRow).where(
                col(TreatmentRow.community) == community,
                col(TreatmentRow.metering_point).in_(list(metering_points)),
            )
        )

    def erase_facts(self, names: Sequence[str]) -> None:
        """Destroy facts by name."""
        self._erase(delete(FactRow).where(col(FactRow.name).in_(list(names))))

    def erase_drafts(self, users: Sequence[str]) -> None:
        """Destroy what users drafted, and whose the rehearsals were that they asked for."""
        chosen = list(users)
        self._erase(delete(DraftRow).where(col(DraftRow.user).in_(chosen)))
        self._writer().execute(update(RehearsalRow).where(col(RehearsalRow.user).in_(chosen)).values(user=""))

    def erase_documents(self, community: str, period: int, participant: str) -> None:
        """Destroy a participant's bills of a period, and the invoices that they sent or got for it."""
        self._erase(
            delete(BillRow).where(
                col(BillRow.community) == community,
                col(BillRow.period) == period,
                col(BillRow.participant) == participant,
            )
        )
        self._erase(
            delete(InvoiceRow).where(
                col(InvoiceRow.community) == community,
                col(InvoiceRow.period) == period,
                or_(col(InvoiceRow.seller) == participant, col(InvoiceRow.buyer) == participant),
            )
        )

    def rename_points(self, community: str, definition: str, names: Mapping[str, str]) -> None:
        """Put other names in place of participants and points: in the community file, slots and frozen terms."""
        session = self._writer()
        kept = session.get(CommunityRow, community)
        assert kept is not None, community
        kept.definition = definition
        for old, new in names.items():
            session.execute(
                update(SlotRow)
                .where(col(SlotRow.community) == community, col(SlotRow.metering_point) == old)
                .values(metering_point=new)
            )
        for period in session.exec(select(PeriodRow).where(PeriodRow.community == community)):
            terms = [_renamed_term(term, names) for term in period.terms]
            if terms != period.terms:
                period.terms = terms
        session.flush()
        session.expire_all()

    def rename_in_documents(self, community: str, period: int, names: Mapping[str, str]) -> None:
        """Put other texts in place of names in the bills of others for a period, and in the names of series."""
        session = self._writer()
        series = {old: new for old, new in names.items() if old.startswith(f"{community}.i.")}
        heads = {f"{old.upper()}-": f"{new.upper()}-" for old, new in series.items()}
        of_period = select(BillRow).where(BillRow.community == community, BillRow.period == period)
        for bill in session.exec(of_period):
            content = _renamed(bill.content, names, heads)
            if content != bill.content:
                bill.content = content
        for old, new in series.items():
            session.execute(
                update(InvoiceCounterRow).where(col(InvoiceCounterRow.seller) == old).values(seller=new)
            )
        session.flush()
        session.expire_all()

    def _put_identity(self, row: Row) -> None:
        self._put(row)

    def _erase(self, statement: Delete) -> None:
        session = self._writer()
        session.flush()
        session.execute(statement)
        session.expire_all()


def _renamed_term(term: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A frozen term with other names; of a renamed point, the operator's number goes too."""
    if term["point"] not in names:
        return dict(term)
    alias = names[term["point"]]
    return {**term, "point": alias, "number": alias, "participant": names[term["participant"]]}


def _renamed(content: Any, names: Mapping[str, str], heads: Mapping[str, str]) -> Any:
    """JSON-ready data with other texts where a text is a name, or an invoice's number of a renamed series."""
    if isinstance(content, dict):
        return {key: _renamed(value, names, heads) for key, value in content.items()}
    if isinstance(content, list):
        return [_renamed(value, names, heads) for value in content]
    if not isinstance(content, str):
        return content
    head = next((head for head in heads if content.startswith(head)), None)
    return names.get(content, content) if head is None else heads[head] + content[len(head) :]
