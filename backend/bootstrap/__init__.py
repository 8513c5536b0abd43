"""The one place that joins services to adapters, by what the environment says.

PARTAGE_HOME            folder of all state (default ``.partage``)
PARTAGE_DATABASE_URL    PostgreSQL in place of SQLite
PARTAGE_CHAIN_URL       a JSON-RPC node in place of the embedded chain
PARTAGE_FUNDING_KEY     private key of an account on that node that funds ours
PARTAGE_CHAIN_CONFIRMATIONS  blocks on that node after which a transaction is final, its own included (default 1)
PARTAGE_WEATHER         ``open-meteo`` asks that service for weather; without, only recorded files are read
"""

from backend.bootstrap.demonstrations import OpenedDemo, open_demo
from backend.bootstrap.files import (
    allocate_files,
    backup_home,
    known_deployment,
    node_for_verification,
    read_text,
    restore_home,
)
from backend.bootstrap.meter_files import convert_files, how_read, list_formats, meter_files
from backend.bootstrap.wiring import Wiring, open_existing, open_wiring

__all__ = [
    "OpenedDemo",
    "Wiring",
    "allocate_files",
    "backup_home",
    "convert_files",
    "how_read",
    "known_deployment",
    "list_formats",
    "meter_files",
    "node_for_verification",
    "open_demo",
    "open_existing",
    "open_wiring",
    "read_text",
    "restore_home",
]
