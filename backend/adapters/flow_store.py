"""What was computed of networks' flows, as Parquet files among the home's copies.

``cache/grid/NAME/current.json`` says what it was computed of and in which folder beside it the tables lie; it is
replaced last, so that whoever reads finds tables of one computation. All of it may be deleted at any time, and is when
a person is erased.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from typing import TYPE_CHECKING, Any

from backend.adapters.durable_files import make_folder, write_durably
from backend.errors import InputError, NotFoundError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ParquetFlows"]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CURRENT = "current.json"
_ROWS_OF_GROUP = 65_536
_TRIES = 5


class ParquetFlows:
    """Implements ``backend.ports.flow_store.FlowStore``.

    Args:
        folder: Holds a folder per network; made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(
        self, network: str, about: Mapping[str, Any], tables: Mapping[str, Mapping[str, NDArray[np.generic]]]
    ) -> None:
        """See the port.

        Raises:
            StoreError: If the folder cannot be written.
        """
        from pyarrow import parquet

        place = self._place(network)
        token = secrets.token_hex(4)
        try:
            make_folder(place / token, 0o700)
            for name, columns in tables.items():
                file = place / token / f"{name}.parquet"
                parquet.write_table(_table(columns), file, compression="zstd", row_group_size=_ROWS_OF_GROUP)
                file.chmod(0o600)
            note = {"folder": token, "about": dict(about)}
            write_durably(place / _CURRENT, json.dumps(note).encode(), mode=0o600, flush=False)
        except OSError as error:
            shutil.rmtree(place / token, ignore_errors=True)
            raise StoreError(f"{place} cannot be written: {error.strerror}.") from None
        for entry in place.iterdir():
            if entry.is_dir() and entry.name != token:
                shutil.rmtree(entry, ignore_errors=True)

    def about(self, network: str) -> dict[str, Any] | None:
        """See the port."""
        note = self._note(network)
        return None if note is None else dict(note["about"])

    def rows(self, network: str, table: str, **equal: str) -> dict[str, NDArray[Any]]:
        """See the port."""
        from pyarrow import parquet

        filters = [(name, "==", value) for name, value in equal.items()] or None
        for _ in range(_TRIES):
            file = self.file(network, table)
            if file is None:
                raise NotFoundError(f"Nothing was computed of network {network!r} yet; ask for its summary.")
            try:
                found = parquet.read_table(file, filters=filters)
                break
            except FileNotFoundError:
                continue  # a newer one took its place meanwhile
            except (OSError, ValueError) as error:
                raise StoreError(
                    f"{file} is damaged ({error}); ask for the network's summary again."
                ) from None
        else:
            raise StoreError(f"The summary of network {network!r} is being replaced; look again.")
        return {
            name: found[name].combine_chunks().to_numpy(zero_copy_only=False) for name in found.column_names
        }

    def file(self, network: str, table: str) -> Path | None:
        """See the port."""
        note = self._note(network)
        if note is None:
            return None
        file = self._place(network) / note["folder"] / f"{table}.parquet"
        return file if file.is_file() else None

    def _note(self, network: str) -> dict[str, Any] | None:
        try:
            note: dict[str, Any] = json.loads((self._place(network) / _CURRENT).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return note

    def _place(self, network: str) -> Path:
        if not _NAME.fullmatch(network):
            raise InputError(f'"{network[:80]}" is no name of a network.')
        return self._folder / network


def _table(columns: Mapping[str, NDArray[np.generic]]) -> Any:
    import pyarrow as pa

    return pa.table(
        {
            name: pa.array(values.tolist(), pa.string()).dictionary_encode()
            if values.dtype.kind == "U"
            else pa.array(values)
            for name, values in columns.items()
        }
    )
