"""Models, forecasts with the time they were made, scores and anchors, and guards of what never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = ("community", "subject", "target", "origin_utc", "made_utc")
_GUARDS = (
    ("forecast_model", "a trained model never changes"),
    ("forecast", "a forecast stays as it was made"),
    ("forecast_anchor", "what is anchored never changes"),
)


def upgrade() -> None:
    _make_models()
    _make_forecasts()
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
    raise NotImplementedError("What was forecast is not forgotten; restore a backup instead.")


def _make_models() -> None:
    op.create_table(
        "forecast_model",
        *_words("community", "subject", "target", "id"),
        *_texts("owners"),
        *_words("name", "data_hash", "code_hash"),
        *_whole("until_utc", "made_utc", "seed"),
        *_texts("card"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_forecast_model_community"),
        sa.PrimaryKeyConstraint("community", "subject", "target", "id", name="pk_forecast_model"),
    )
    op.create_table(
        "forecast_anchor",
        *_words("community", "model", "run", "root"),
        *_whole("place"),
        *_texts("path"),
        *_whole("anchored_utc"),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_forecast_anchor_community"),
        sa.PrimaryKeyConstraint("community", "model", name="pk_forecast_anchor"),
    )


def _make_forecasts() -> None:
    op.create_table(
        "forecast",
        *_words("community", "subject", "target"),
        *_whole("origin_utc", "made_utc", "stored_utc"),
        *_texts("owners"),
        *_whole("step_seconds", "length"),
        *_words("unit", "model", "model_name"),
        *_texts("weather", "weather_words", "reason"),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_forecast_community"),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_forecast"),
    )
    op.create_index("ix_forecast_community_origin_utc", "forecast", ["community", "origin_utc"], unique=False)
    op.create_table(
        "forecast_score",
        *_words("community", "subject", "target"),
        *_whole("origin_utc", "made_utc", "scored_utc", "known"),
        *_texts("figures"),
        sa.ForeignKeyConstraint(
            list(_KEY), [f"forecast.{name}" for name in _KEY], name="fk_forecast_score_forecast"
        ),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_forecast_score"),
    )


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
