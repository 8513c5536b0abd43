"""What is measured against: the same readings taken by FastAPI, pydantic and SQLite, as a first attempt writes it.

Run as a process: ``python -m backend.services.benchmarks.naive_service DATABASE``; says on which port it listens.
"""

import sqlite3
import sys
from datetime import datetime
from decimal import Decimal
from typing import Literal

import uvicorn
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel

__all__ = ["Reading", "make_app"]

_TABLE = (
    "CREATE TABLE IF NOT EXISTS reading (metering_point TEXT, start INTEGER, resolution INTEGER, "
    "energy_milliwatt_hours INTEGER, quality TEXT, PRIMARY KEY (metering_point, start)) WITHOUT ROWID"
)


class Reading(BaseModel):
    """A reading."""

    metering_point: str
    start: AwareDatetime
    energy_kwh: Decimal
    resolution_minutes: int = 15
    quality: Literal["measured", "estimated", "edited", "missing"] = "measured"


def make_app(database: str) -> FastAPI:
    """The service over a database that is flushed with every commit."""
    connection = sqlite3.connect(database, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(_TABLE)
    app = FastAPI()

    @app.post("/api/v1/readings", status_code=202)
    async def receive(readings: list[Reading]) -> dict[str, int]:
        with connection:
            connection.executemany(
                "INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        reading.metering_point,
                        _seconds(reading.start),
                        reading.resolution_minutes,
                        int(reading.energy_kwh * 1_000_000),
                        reading.quality,
                    )
                    for reading in readings
                ],
            )
        return {"readings": len(readings)}

    return app


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        for server in self.servers:
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                sys.stdout.write(f"The naive service listens on http://{host}:{port}/\n")
                sys.stdout.flush()


if __name__ == "__main__":
    _Server(uvicorn.Config(make_app(sys.argv[1]), port=0, access_log=False, log_level="warning")).run()
