"""Looks for anomalies and what they found, and guards of both."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_GUARDS = (
    ("anomaly_look", "a look stays as it was made"),
    ("anomaly", "a finding stays as it was told"),
)


def upgrade() -> None:
    op.create_table(
        "anomaly_look",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("community", "id")),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("start_utc", "end_utc", "budget_thousandths", "made_utc", "meters", "feeders")
        ),
        sa.Column("unjudged", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_anomaly_look_community"),
        sa.PrimaryKeyConstraint("community", "id", name="pk_anomaly_look"),
    )
    op.create_table(
        "anomaly",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("community", "look")),
        sa.Column("place", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("owners", "kind")),
        sa.Column("element", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("start_utc", "end_utc")),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "look"],
            ["anomaly_look.community", "anomaly_look.id"],
            name="fk_anomaly_anomaly_look",
        ),
        sa.PrimaryKeyConstraint("community", "look", "place", name="pk_anomaly"),
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    functions = {
        "update": "partage_refuse_unless_erasing",
        "delete": "partage_refuse_deletion_unless_erasing",
    }
    for table, sentence in _GUARDS:
        for event, function in functions.items():
            head = f"CREATE TRIGGER guard_{table}_{event} BEFORE {event.upper()} ON {table} FOR EACH ROW"
            if is_postgresql:
                op.execute(f"{head} EXECUTE FUNCTION {function}('{sentence}')")
            else:
                when = "NOT EXISTS (SELECT 1 FROM erasing)"
                op.execute(f"{head} WHEN {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")


def downgrade() -> None:
    raise NotImplementedError("What was found is not forgotten; restore a backup instead.")
