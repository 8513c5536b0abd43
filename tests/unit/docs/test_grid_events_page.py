"""What docs/grid.md shows of alarm rules, routes and workflows is taken as it stands there, and complete."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from backend.grid.alarms import Measure, read_routes, read_rules
from backend.grid.workflows import FieldKind, read_workflows
from backend.services.grid.work_order_files import COLUMNS

ROOT = Path(__file__).resolve().parents[3]
PROSE = (ROOT / "docs" / "grid.md").read_text(encoding="utf-8")
EXAMPLES = [tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", PROSE, re.DOTALL)]


@pytest.mark.parametrize(
    ("name", "read", "count"),
    [("alarm-rules", read_rules, 2), ("routes", read_routes, 2), ("workflows", read_workflows, 1)],
)
def test_each_example_is_one_that_is_taken(name: str, read: Any, count: int) -> None:
    (tables,) = [example[name] for example in EXAMPLES if name in example]
    assert len(read(tables)) == count


def test_every_measure_and_its_unit_is_told() -> None:
    told: dict[str, str] = {}
    for names, units in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ([^|]+?) \| [^|]*\|$", PROSE, re.MULTILINE):
        found, of_each = re.findall(r"`(\w+)`", names), units.split(", ")
        told |= dict(zip(found, of_each * len(found) if len(of_each) == 1 else of_each, strict=False))
    assert {measure.value: measure.unit for measure in Measure}.items() <= told.items()


def test_every_column_of_the_orders_and_kind_of_field_is_told() -> None:
    assert f"`{', '.join(COLUMNS)}`" in PROSE
    assert all(f"`{kind}`" in PROSE for kind in FieldKind)
