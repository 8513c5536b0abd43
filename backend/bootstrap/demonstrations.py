"""A demonstration's files, written into a home as a user would have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.bootstrap.wiring import Wiring
    from backend.services.run_demo import DemoInput

__all__ = ["OpenedDemo", "open_demo"]


@dataclass(frozen=True, slots=True)
class OpenedDemo:
    """A demonstration, ready to run.

    Attributes:
        input: What ``run_demo`` takes.
        note: What its figures are.
    """

    input: DemoInput
    note: str


def open_demo(wiring: Wiring, name: str) -> OpenedDemo:
    """Write a demonstration's files into the home, as a user would have them.

    Raises:
        NotFoundError: If there is no demonstration of that name.
    """
    from backend.adapters.demo_data import build_demo
    from backend.adapters.demo_data.carbon import CARBON_SOURCE
    from backend.adapters.durable_files import write_durably
    from backend.services.run_demo import DemoInput

    made = build_demo(name)
    file = wiring.home.files / f"{name}-readings.csv"
    if not file.exists():
        write_durably(file, made.readings_csv)
        write_durably(wiring.home.files / f"{name}.toml", made.definition_toml.encode())
        write_durably(wiring.home.files / f"{name}-parties.toml", made.parties_toml.encode())
    demo = DemoInput(name, made.definition_toml, file, CARBON_SOURCE, made.parties_toml)
    return OpenedDemo(demo, made.note)
