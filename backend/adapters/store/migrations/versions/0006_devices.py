"""Devices that hand in readings by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("community", "name", "token_hash", "mqtt_hash")
        ),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("added_utc", "revoked_utc")),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_device_community"),
        sa.PrimaryKeyConstraint("community", "name", name="pk_device"),
    )


def downgrade() -> None:
    raise NotImplementedError("Who may hand in readings is not forgotten; restore a backup instead.")
