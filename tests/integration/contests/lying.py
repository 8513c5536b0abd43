"""A settler that lies: an honest period, and runs of it that are anchored with other leaves at some places."""

import dataclasses

from backend.commitments import form_batch_id, form_run_id
from backend.commitments.amended import Amended, differing
from backend.commitments.leaves import LeafKind, decode_leaf, encode_leaf
from backend.commitments.openings import BatchOpenings, BillOpenings, RunOpenings
from backend.errors import ContractRefusal
from backend.ports import ContractCall, OutboxEntry, RunRecord, RunState
from backend.quantities import PeriodCalendar
from backend.services.anchor_batch import anchor_batch, submission
from backend.services.bonds import bond_wei
from backend.services.commit import bytes_of, hex_of
from backend.services.contests import CONTESTS, anchored_run
from backend.services.contests.finding import call_of
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.open_period import open_period
from backend.services.replay import KeptTrees, rebuild_run
from backend.services.run_basis import basis_of
from backend.services.treatments import NO_TREATMENTS

VOIDED = 4
HOLDS = {
    "RowHolds",
    "InputHolds",
    "SlotHolds",
    "SumHolds",
    "ValueHolds",
    "TotalsHold",
    "HeaderMayHold",
    "StairHolds",
    "BillHolds",
    "LinkHolds",
    "PotentialHolds",
    "EstimateHolds",
    "MethodHolds",
}


def changed(leaf, **changes):
    """A leaf with other fields; a change is a new value or made of the old one."""
    fields = decode_leaf(leaf)
    kind, salt = fields.pop("kind"), fields.pop("salt", b"")
    for name, change in changes.items():
        fields[name] = change(fields[name]) if callable(change) else change
    if fields.get("detail") == b"":
        del fields["detail"]
    return encode_leaf(LeafKind(kind), salt, **fields)


class LyingSettler:
    """One community and period in a home; each lie is a run, a batch or bills of its own."""

    def __init__(self, wiring, definition, csv, period):
        self.wiring, self.context, self.period = wiring, wiring.context, period
        file = wiring.home.files / "readings.csv"
        file.write_text(csv)
        self.id = load_community(self.context, definition, "lies.toml").community.id
        load_readings(self.context, wiring.reader_for(), [file], community=self.id)
        self.view = self.context.community(self.id)
        members = self.view.community
        self.calendar = PeriodCalendar(period, members.time_zone, members.resolution_minutes)
        self.record = open_period(self.context, self.view, self.calendar)
        self.batch = anchor_batch(self.context, self.view, self.calendar, self.record, NO_TREATMENTS)
        self.version = self.sent = 0

    @property
    def anchor(self):
        return self.view.record.anchor

    def send(self, call):
        self.sent += 1
        entry = OutboxEntry(f"{self.id}/lie/{self.sent}", self.id, self.period.id, call)
        self.context.announce(lambda _: None, entry)

    def honest(self):
        """The next run as it should be."""
        with self.context.store.reading() as records:
            version = records.rule_versions(self.id)[-1]
        basis = basis_of(self.context, self.record, self.calendar, self.view.rule_of(version))
        number = self.version + 1
        run_id = hex_of(form_run_id(bytes_of(self.anchor), self.period.id, number))
        run = RunRecord(
            community=self.id,
            period=self.period.id,
            version=number,
            run_id=run_id,
            batch_version=self.batch.version,
            rule_version=version.version,
            root="",
            feed_in=0,
            consumption=0,
            allocated=0,
            shared=0,
            state=RunState.CONTESTABLE,
            basis=basis.id,
            created_utc=0,
            bill_root="0x01",
        )
        return rebuild_run(self.context, run)

    def trees(self, rebuilt):
        bills = BillOpenings(rebuilt.bill_tree, rebuilt.run_tree.activity)
        batch = BatchOpenings(rebuilt.batch_tree)
        return KeptTrees(RunOpenings(rebuilt.run_tree), batch, bills, rebuilt.frame)

    def rebatch(self, lies):
        """Anchor the same readings again, as a new version, with other leaves."""
        number = self.batch.version + 1
        signer = self.context.chain.address_of("importer")
        batch_id = hex_of(form_batch_id(bytes_of(self.anchor), self.period.id, number, bytes_of(signer)))
        known = dataclasses.replace(self.batch, version=number, batch_id=batch_id)
        with self.context.store.transaction() as records:
            records.add_batch(known)
        former, self.batch = self.batch, known
        amended = Amended(self.trees(self.honest()).batch, lies(self.trees(self.honest()).batch))
        told = dataclasses.replace(known, root=hex_of(amended.root))
        self.send(submission(self.context, self.anchor, told, former.batch_id).call)
        return amended

    def propose(self, lies=lambda _: {}, batch=None, *, claims=None, bill_lies=None, bill_claims=None):
        """Anchor a run with lies in it, or an honest one with lies in its bills.

        Returns:
            The trees as they should be, and the run as it was anchored.
        """
        rebuilt = self.honest()
        honest = self.trees(rebuilt)
        run, tree = Amended(honest.run, lies(honest.run)), rebuilt.run_tree
        totals = {"feedIn": tree.feed_in, "consumption": tree.consumption}
        totals |= {"allocated": tree.allocated, "shared": tree.shared}
        proposal = {
            "community": self.anchor,
            "period": self.period.id,
            "version": rebuilt.run.version,
            "ruleVersion": rebuilt.run.rule_version,
            "batchId": self.batch.batch_id,
            "basis": rebuilt.run.basis,
            "root": hex_of(run.root),
            **totals,
            **(claims or {}),
        }
        bond = bond_wei(self.context)
        self.send(ContractCall("settler", "settlement_ledger", "proposeRun", (proposal,), bond))
        self.version += 1
        bills = honest.bills
        if bill_lies is not None:
            bills = Amended(honest.bills, bill_lies(honest.bills))
            self.send_bills(rebuilt, bills, bill_claims or {})
        anchored = KeptTrees(run, batch or honest.batch, bills, honest.frame)
        return rebuilt, honest, anchored_run(self.context, rebuilt, anchored)

    def send_bills(self, rebuilt, bills, claims):
        told = rebuilt.bill_totals
        proposal = {
            "community": self.anchor,
            "runId": rebuilt.run.run_id,
            "root": hex_of(bills.root),
            "debits": told["debits"],
            "credits": told["credits"],
            "fees": told["fees"],
            "vatDebits": told["vat_debits"],
            "vatCredits": told["vat_credits"],
            "passThrough": told["pass_through"],
            "rounding": told["rounding"],
            **claims,
        }
        bond = bond_wei(self.context)
        self.send(ContractCall("settler", "billing_ledger", "proposeBills", (proposal,), bond))

    def state(self, anchored, contract="settlement_ledger", function="run"):
        return self.context.chain.read(contract, function, anchored.run_id)["state"]

    def answer(self, anchored, name, place):
        """What the contract says to a proof: nothing where it takes it, None where it cannot be made."""
        proof = CONTESTS[name](anchored, place)
        if proof is None:
            return None
        try:
            self.context.chain.preflight(call_of(proof, "watcher"))
        except ContractRefusal as refusal:
            return refusal.name
        return ""


def found(honest, anchored):
    """Places at which what was anchored differs."""
    places = list(differing(honest.run, anchored.run)) + list(differing(honest.batch, anchored.batch))
    return places + (list(differing(honest.bills, anchored.bills)) if anchored.bills else [])
