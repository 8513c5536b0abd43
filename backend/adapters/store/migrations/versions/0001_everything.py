"""Everything that the first version keeps, and the guards of what never changes.

The guards are the second line: the code refuses first, with a sentence. They hold for who writes by hand too. A later
revision that makes a table of SQLite's anew (``batch_alter_table``) has to set its guards again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# (table, action, condition, sentence)
_GUARDS = (
    ("slot", "UPDATE", "", "a slot is given once"),
    ("slot", "DELETE", "", "a slot is given once"),
    ("rule_version", "UPDATE", "", "a rule version never changes"),
    ("period", "UPDATE", "", "a frozen period never changes"),
    ("slot_key", "UPDATE", "", "a slot's key never changes"),
    ("batch", "UPDATE", "", "a batch never changes"),
    ("schedule", "UPDATE", "", "a schedule never changes"),
    (
        "run",
        "UPDATE",
        (
            "OLD.run_id <> NEW.run_id OR OLD.batch_version <> NEW.batch_version OR OLD.rule_version <> NEW.rule_version"
            " OR OLD.basis <> NEW.basis OR (OLD.root <> '' AND (OLD.root <> NEW.root OR OLD.feed_in <> NEW.feed_in"
            " OR OLD.consumption <> NEW.consumption OR OLD.allocated <> NEW.allocated OR OLD.shared <> NEW.shared))"
            " OR (OLD.bill_root <> '' AND (OLD.bill_root <> NEW.bill_root OR OLD.bill_totals <> NEW.bill_totals))"
        ),
        "what a run settled never changes",
    ),
    ("bill", "UPDATE", "OLD.number <> ''", "a numbered bill never changes"),
    ("invoice", "UPDATE", "", "an issued invoice never changes"),
    ("invoice_counter", "UPDATE", "NEW.last <> OLD.last + 1", "invoice numbers have no gap"),
    ("invoice_counter", "DELETE", "", "invoice numbers have no gap"),
    ("posting", "UPDATE", "", "a posting never changes"),
    ("posting", "DELETE", "", "a posting never changes"),
    ("outbox", "UPDATE", "OLD.state = 'final'", "a final outbox entry never changes"),
    ("outbox", "DELETE", "", "the outbox keeps its order"),
    ("access", "UPDATE", "", "a note of an access never changes"),
)


def upgrade() -> None:
    _make_master_data()
    _make_periods()
    _make_ledgers()
    _make_invoices()
    _make_people()
    _set_guards()


def downgrade() -> None:
    raise NotImplementedError("Before the first revision there is nothing; restore a backup instead.")


def _set_guards() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute(
            "CREATE FUNCTION partage_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
        )
    for table, action, condition, sentence in _GUARDS:
        quoted = sentence.replace("'", "''")
        head = f"CREATE TRIGGER guard_{table}_{action.lower()} BEFORE {action} ON {table} FOR EACH ROW"
        if is_postgresql:
            when = f" WHEN ({condition})" if condition else ""
            op.execute(f"{head}{when} EXECUTE FUNCTION partage_refuse('{quoted}')")
        else:
            when = f" WHEN {condition}" if condition else ""
            op.execute(f"{head}{when} BEGIN SELECT RAISE(ABORT, '{quoted}'); END")


def _make_master_data() -> None:
    op.create_table(
        "community",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("anchor", sa.String(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("created_utc", sa.BigInteger(), nullable=False),
        sa.Column("carbon_source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_community"),
        sa.UniqueConstraint("anchor", name="uq_community_anchor"),
    )
    op.create_table(
        "slot",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("metering_point", sa.String(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_slot_community"),
        sa.PrimaryKeyConstraint("community", "metering_point", name="pk_slot"),
        sa.UniqueConstraint("community", "slot", name="uq_slot_community_slot"),
    )
    op.create_table(
        "rule_version",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_rule_version_community"),
        sa.PrimaryKeyConstraint("community", "version", name="pk_rule_version"),
    )
    op.create_table(
        "treatment",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("metering_point", sa.String(), nullable=False),
        sa.Column("decided_utc", sa.BigInteger(), nullable=False),
        sa.Column("treatment", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_treatment_community"),
        sa.PrimaryKeyConstraint("community", "metering_point", "decided_utc", name="pk_treatment"),
    )
    op.create_table(
        "fact",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_fact"),
    )


def _make_periods() -> None:
    op.create_table(
        "period",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("rule_version", sa.BigInteger(), nullable=False),
        sa.Column("slots", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("auditors_key", sa.String(), nullable=False),
        sa.Column("classes_root", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_period_community"),
        sa.PrimaryKeyConstraint("community", "period", name="pk_period"),
    )
    op.create_table(
        "slot_key",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "period"], ["period.community", "period.period"], name="fk_slot_key_period"
        ),
        sa.PrimaryKeyConstraint("community", "period", "slot", name="pk_slot_key"),
    )
    op.create_table(
        "batch",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("inputs_hash", sa.String(), nullable=False),
        sa.Column("loads", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "period"], ["period.community", "period.period"], name="fk_batch_period"
        ),
        sa.PrimaryKeyConstraint("community", "period", "version", name="pk_batch"),
    )
    op.create_table(
        "schedule",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("slots", sa.BigInteger(), nullable=False),
        sa.Column("day_count", sa.BigInteger(), nullable=False),
        sa.Column("intervals_max", sa.BigInteger(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "period"], ["period.community", "period.period"], name="fk_schedule_period"
        ),
        sa.PrimaryKeyConstraint("community", "period", "version", name="pk_schedule"),
    )
    op.create_table(
        "run",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("batch_version", sa.BigInteger(), nullable=False),
        sa.Column("rule_version", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("feed_in", sa.BigInteger(), nullable=False),
        sa.Column("consumption", sa.BigInteger(), nullable=False),
        sa.Column("allocated", sa.BigInteger(), nullable=False),
        sa.Column("shared", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bill_root", sa.String(), nullable=False),
        sa.Column("bill_state", sa.Text(), nullable=False),
        sa.Column("bill_totals", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Text(), nullable=False),
        sa.Column("created_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "period"], ["period.community", "period.period"], name="fk_run_period"
        ),
        sa.PrimaryKeyConstraint("community", "period", "version", name="pk_run"),
    )


def _make_ledgers() -> None:
    op.create_table(
        "bill",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "period", "version"],
            ["run.community", "run.period", "run.version"],
            name="fk_bill_run",
        ),
        sa.PrimaryKeyConstraint("community", "period", "version", "participant", name="pk_bill"),
    )
    op.create_index(
        "ix_bill_community_number",
        "bill",
        ["community", "number"],
        unique=True,
        sqlite_where=sa.text("number <> ''"),
        postgresql_where=sa.text("number <> ''"),
    )
    op.create_table(
        "invoice_counter",
        sa.Column("seller", sa.String(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seller", "year", name="pk_invoice_counter"),
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posting"),
        sa.UniqueConstraint("sequence", name="uq_posting_sequence"),
    )
    op.create_index("ix_posting_community_period", "posting", ["community", "period"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("transaction", sa.Text(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("sequence", name="uq_outbox_sequence"),
    )
    op.create_index("ix_outbox_community_state", "outbox", ["community", "state"], unique=False)


def _make_invoices() -> None:
    op.create_table(
        "invoice",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("seller", sa.String(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("type_code", sa.BigInteger(), nullable=False),
        sa.Column("issued_utc", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "period"], ["period.community", "period.period"], name="fk_invoice_period"
        ),
        sa.PrimaryKeyConstraint("community", "number", name="pk_invoice"),
    )
    op.create_index("ix_invoice_community_period", "invoice", ["community", "period"], unique=False)
    op.create_table(
        "party",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_party_community"),
        sa.PrimaryKeyConstraint("community", "participant", name="pk_party"),
    )


def _make_people() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("login", name="uq_user_account_login"),
    )
    op.create_index("ix_user_account_community", "user_account", ["community"], unique=False)
    op.create_table(
        "login",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("expires_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user_account.id"], name="fk_login_user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_login"),
        sa.UniqueConstraint("token_hash", name="uq_login_token_hash"),
    )
    op.create_index("ix_login_user", "login", ["user"], unique=False)
    op.create_table(
        "access",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_access"),
    )
    op.create_index("ix_access_subject", "access", ["subject"], unique=False)
