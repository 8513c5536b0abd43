"""Timelines, settings, messages and work orders of networks, and guards of what never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_GUARDS = (
    ("grid_event", "what was noted never changes"),
    ("grid_event_change", "what was done to an entry never changes"),
    ("grid_setting", "a version of a setting never changes"),
    ("grid_work_order", "a work order never changes, its steps tell how far it is"),
    ("grid_work_step", "a step that was done never changes"),
)


def upgrade() -> None:
    _make_timeline()
    _make_settings_and_messages()
    _make_work()
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if (
        is_postgresql
    ):  # the function of updates returns NEW, which a deletion has not: it would delete nothing
        op.execute(
            "CREATE FUNCTION partage_refuse_deletion_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF EXISTS (SELECT 1 FROM erasing) THEN RETURN OLD; END IF; "
            "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
        )
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
    raise NotImplementedError("What was noted and done is not forgotten; restore a backup instead.")


def _make_timeline() -> None:
    op.create_table(
        "grid_event",
        *_words("id", "network"),
        *_texts("kind"),
        *_words("element"),
        *_texts("severity"),
        *_words("rule"),
        *_whole("at_utc", "noted_utc"),
        *_words("by"),
        *_texts("title", "data"),
        _of_network("grid_event"),
        sa.PrimaryKeyConstraint("id", name="pk_grid_event"),
    )
    op.create_index(
        "ix_grid_event_network_at_utc_id", "grid_event", ["network", "at_utc", "id"], unique=False
    )
    op.create_table(
        "grid_standing",
        *_words("event"),
        *_texts("state"),
        *_whole("until_utc", "end_utc"),
        sa.Column("worst", sa.Double(), nullable=True),
        *_whole("worst_utc", "changes"),
        sa.ForeignKeyConstraint(["event"], ["grid_event.id"], name="fk_grid_standing_grid_event"),
        sa.PrimaryKeyConstraint("event", name="pk_grid_standing"),
    )
    op.create_table(
        "grid_event_change",
        *_words("event"),
        *_whole("number"),
        *_texts("action"),
        *_words("by"),
        *_whole("at_utc"),
        *_texts("text"),
        *_whole("until_utc"),
        sa.ForeignKeyConstraint(["event"], ["grid_event.id"], name="fk_grid_event_change_grid_event"),
        sa.PrimaryKeyConstraint("event", "number", name="pk_grid_event_change"),
    )


def _make_settings_and_messages() -> None:
    op.create_table(
        "grid_setting",
        *_words("network"),
        *_texts("kind"),
        *_whole("version"),
        *_texts("content"),
        *_words("by"),
        *_whole("at_utc"),
        _of_network("grid_setting"),
        sa.PrimaryKeyConstraint("network", "kind", "version", name="pk_grid_setting"),
    )
    op.create_table(
        "grid_message",
        *_words("id", "network", "route"),
        *_texts("state", "entries", "body"),
        *_whole("created_utc", "due_utc", "attempts"),
        *_texts("error"),
        *_whole("done_utc"),
        _of_network("grid_message"),
        sa.PrimaryKeyConstraint("id", name="pk_grid_message"),
    )
    op.create_index("ix_grid_message_state_due_utc", "grid_message", ["state", "due_utc"], unique=False)


def _make_work() -> None:
    op.create_table(
        "grid_work_order",
        *_words("id", "network", "workflow"),
        *_whole("workflow_version"),
        *_words("plan", "element"),
        *_texts("title", "details"),
        *_words("created_by"),
        *_whole("created_utc"),
        _of_network("grid_work_order"),
        sa.PrimaryKeyConstraint("id", name="pk_grid_work_order"),
    )
    op.create_index("ix_grid_work_order_network_plan", "grid_work_order", ["network", "plan"], unique=False)
    op.create_table(
        "grid_work_step",
        *_words("work_order"),
        *_whole("number"),
        *_words("step", "outcome", "leads_to"),
        *_texts("fields"),
        *_words("by", "source"),
        *_whole("at_utc", "noted_utc"),
        sa.ForeignKeyConstraint(
            ["work_order"], ["grid_work_order.id"], name="fk_grid_work_step_grid_work_order"
        ),
        sa.PrimaryKeyConstraint("work_order", "number", name="pk_grid_work_step"),
    )


def _of_network(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["network"], ["grid_network.name"], name=f"fk_{table}_grid_network")


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
