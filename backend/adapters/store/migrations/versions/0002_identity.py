"""Passkeys, accounts on chain, sealed keys, erasures; and guards that let an erasure pass.

What never changes does so for one reason alone: that a person is forgotten. A row in ``erasing``, which no transaction
but the erasing one ever sees, says that this is going on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# (table, action, condition, sentence): as in 0001, but passable.
_GUARDS = (
    ("slot", "UPDATE", "", "a slot is given once"),
    ("period", "UPDATE", "", "a frozen period never changes"),
    ("bill", "UPDATE", "OLD.number <> ''", "a numbered bill never changes"),
    ("invoice_counter", "UPDATE", "NEW.last <> OLD.last + 1", "invoice numbers have no gap"),
    ("access", "UPDATE", "", "a note of an access never changes"),
)


def upgrade() -> None:
    _make_tables()
    _replace_guards()


def downgrade() -> None:
    raise NotImplementedError("What was erased does not come back; restore a backup instead.")


def _make_tables() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_utc", sa.BigInteger(), nullable=False),
        sa.Column("used_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user_account.id"], name="fk_passkey_user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
    )
    op.create_index("ix_passkey_user", "passkey", ["user"], unique=False)
    op.create_table(
        "account",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("linked_utc", sa.BigInteger(), nullable=False),
        sa.Column("until_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user_account.id"], name="fk_account_user_account"),
        sa.PrimaryKeyConstraint("user", "address", name="pk_account"),
    )
    op.create_index("ix_account_address", "account", ["address"], unique=False)
    op.create_table(
        "key_backup",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("kept_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user_account.id"], name="fk_key_backup_user_account"),
        sa.PrimaryKeyConstraint("user", name="pk_key_backup"),
    )
    op.create_table(
        "erasure",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("participant", sa.String(), nullable=False),
        sa.Column("asked_utc", sa.BigInteger(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("begun_utc", sa.BigInteger(), nullable=False),
        sa.Column("done_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_erasure_community"),
        sa.PrimaryKeyConstraint("community", "participant", name="pk_erasure"),
    )
    op.create_table(
        "erasing",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasing"),
    )


def _replace_guards() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute(
            "CREATE FUNCTION partage_refuse_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF EXISTS (SELECT 1 FROM erasing) THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
        )
    for table, action, condition, sentence in _GUARDS:
        name = f"guard_{table}_{action.lower()}"
        op.execute(f"DROP TRIGGER {name} ON {table}" if is_postgresql else f"DROP TRIGGER {name}")
        head = f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW"
        if is_postgresql:
            when = f" WHEN ({condition})" if condition else ""
            op.execute(f"{head}{when} EXECUTE FUNCTION partage_refuse_unless_erasing('{sentence}')")
        else:
            when = " AND ".join(filter(None, [condition, "NOT EXISTS (SELECT 1 FROM erasing)"]))
            op.execute(f"{head} WHEN {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")
