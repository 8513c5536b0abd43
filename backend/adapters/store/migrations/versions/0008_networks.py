"""Networks, their projection in tables, and the views over it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_VIEWS = {
    "grid_structure": """
        SELECT b.network, n.community, b.kind, b.id AS branch, b.from_bus, b.to_bus, b.phases, b.length_metres,
               b.rated_amperes, b.rated_volt_amperes, b.is_closed, b.meter, b.feeder, b.transformer,
               f.x AS from_x, f.y AS from_y, t.x AS to_x, t.y AS to_y
        FROM grid_branch b
        JOIN grid_network n ON n.name = b.network
        JOIN grid_bus f ON f.network = b.network AND f.id = b.from_bus
        JOIN grid_bus t ON t.network = b.network AND t.id = b.to_bus""",
    "grid_connections": """
        SELECT c.network, n.community, c.id AS connection, c.bus, c.phases, c.power_factor, c.rated_watts,
               c.is_critical, c.can_rotate, c.switch_cost, c.feeder, c.transformer, b.x, b.y,
               (SELECT COUNT(*) FROM grid_connection_point p
                WHERE p.network = c.network AND p.connection = c.id) AS metering_points
        FROM grid_connection c
        JOIN grid_network n ON n.name = c.network
        JOIN grid_bus b ON b.network = c.network AND b.id = c.bus""",
    "grid_connections_by_feeder": """
        SELECT c.network, c.transformer, c.feeder, c.phases, COUNT(*) AS connections,
               SUM(CASE WHEN c.is_critical THEN 1 ELSE 0 END) AS critical_connections,
               SUM(CASE WHEN EXISTS (SELECT 1 FROM grid_connection_point p
                                     WHERE p.network = c.network AND p.connection = c.id)
                        THEN 1 ELSE 0 END) AS metered_connections
        FROM grid_connection c
        GROUP BY c.network, c.transformer, c.feeder, c.phases""",
    "grid_metering_points": """
        SELECT p.network, n.community, p.metering_point, p.connection, c.bus, c.phases, c.feeder, c.transformer
        FROM grid_connection_point p
        JOIN grid_network n ON n.name = p.network
        JOIN grid_connection c ON c.network = p.network AND c.id = p.connection""",
}


def upgrade() -> None:
    op.create_table(
        "grid_network",
        *_texts("name", "community"),
        sa.Column("document", sa.Text(), nullable=False),
        *_texts("digest", "source_format"),
        *_whole("loaded_utc"),
        sa.PrimaryKeyConstraint("name", name="pk_grid_network"),
    )
    op.create_index("ix_grid_network_community", "grid_network", ["community"], unique=False)
    _make_buses_and_branches()
    _make_connections()
    for name, query in _VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    raise NotImplementedError("Networks are not forgotten; restore a backup instead.")


def _make_buses_and_branches() -> None:
    op.create_table(
        "grid_bus",
        *_texts("network", "id"),
        *_whole("position"),
        *_numbers("nominal_volts"),
        *_texts("phases"),
        *_numbers("x", "y", nullable=True),
        *_texts("substation"),
        *_flags("is_fed"),
        *_texts("feeder", "transformer"),
        *_keys("grid_bus", "network", "id"),
    )
    op.create_table(
        "grid_branch",
        *_texts("network", "id"),
        *_whole("position"),
        *_texts("kind", "from_bus", "to_bus", "phases"),
        *_numbers("length_metres", "rated_amperes", "rated_volt_amperes", nullable=True),
        *_flags("is_closed"),
        *_texts("meter", "feeder", "transformer"),
        *_keys("grid_branch", "network", "id"),
    )


def _make_connections() -> None:
    op.create_table(
        "grid_connection",
        *_texts("network", "id"),
        *_whole("position"),
        *_texts("bus", "phases"),
        *_numbers("power_factor"),
        *_numbers("rated_watts", nullable=True),
        *_flags("is_critical", "can_rotate"),
        *_numbers("switch_cost"),
        *_texts("feeder", "transformer"),
        *_keys("grid_connection", "network", "id"),
    )
    op.create_table(
        "grid_connection_point",
        *_texts("network", "connection", "metering_point"),
        *_keys("grid_connection_point", "network", "connection", "metering_point"),
    )
    op.create_index(
        "ix_grid_connection_point_metering_point", "grid_connection_point", ["metering_point"], unique=False
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _numbers(*names: str, nullable: bool = False) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double(), nullable=nullable) for name in names]


def _flags(*names: str) -> list[sa.Column[bool]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def _keys(table: str, *names: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["network"], ["grid_network.name"], name=f"fk_{table}_grid_network"),
        sa.PrimaryKeyConstraint(*names, name=f"pk_{table}"),
    ]
