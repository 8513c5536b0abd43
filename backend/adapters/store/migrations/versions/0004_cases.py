"""Cases, claims and rulings, and guards of what was opened, signed and ruled."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# (table, action, condition, sentence): as in 0001.
_GUARDS = (
    ("dispute", "UPDATE", "OLD.number <> 0", "a case never changes"),
    ("claim", "UPDATE", "", "a claim never changes"),
    ("ruling", "UPDATE", "", "a ruling never changes"),
)


def upgrade() -> None:
    _make_tables()
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, action, condition, sentence in _GUARDS:
        head = f"CREATE TRIGGER guard_{table}_{action.lower()} BEFORE {action} ON {table} FOR EACH ROW"
        if is_postgresql:
            when = f" WHEN ({condition})" if condition else ""
            op.execute(f"{head}{when} EXECUTE FUNCTION partage_refuse('{sentence}')")
        else:
            when = f" WHEN {condition}" if condition else ""
            op.execute(f"{head}{when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")


def downgrade() -> None:
    raise NotImplementedError("What was ruled is not forgotten; restore a backup instead.")


def _make_tables() -> None:
    whole = ("period", "slot", "first", "until", "party", "opened_utc", "number")
    op.create_table(
        "dispute",
        *_texts("id", "community", "metering_point", "opener"),
        sa.Column("text", sa.Text(), nullable=False),
        *_texts("salt", "paper", "claim_key"),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in whole),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_dispute_community"),
        sa.PrimaryKeyConstraint("id", name="pk_dispute"),
    )
    op.create_index("ix_dispute_community", "dispute", ["community"], unique=False)
    op.create_table(
        "claim",
        *_texts("case"),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *_texts("signer", "signature", "readings_root", "readings_file"),
        *_texts("evidence", "evidence_salt", "evidence_file", "evidence_name"),
        sa.Column("filed_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["dispute.id"], name="fk_claim_dispute"),
        sa.PrimaryKeyConstraint("case", "party", "number", name="pk_claim"),
    )
    op.create_table(
        "ruling",
        *_texts("case"),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_texts("salt", "reasons"),
        sa.Column("ruled_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["dispute.id"], name="fk_ruling_dispute"),
        sa.PrimaryKeyConstraint("case", name="pk_ruling"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
