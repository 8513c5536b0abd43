"""Plans for networks: switches, relief of transformers."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grid_plan",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_utc", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["network"], ["grid_network.name"], name="fk_grid_plan_grid_network"),
        sa.PrimaryKeyConstraint("id", name="pk_grid_plan"),
    )
    op.create_index(
        "ix_grid_plan_network_kind_made_utc", "grid_plan", ["network", "kind", "made_utc"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("Plans that were made are not forgotten; restore a backup instead.")
