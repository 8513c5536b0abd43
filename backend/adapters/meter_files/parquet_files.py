"""Parquet files opened in bounds: texts kept as words that rows refer to, columns that unpack to too much refused."""

from __future__ import annotations

from typing import Any, BinaryIO

import pyarrow.parquet as pq

__all__ = ["open_parquet"]

_UNPACKED_MIN = 64 * 1024**2
_RATIO_MAX = 250  # as of compressed files
_TEXT = "BYTE_ARRAY"


def open_parquet(stream: BinaryIO) -> Any:
    """A Parquet file whose texts come as dictionaries.

    Raises:
        ValueError: If a column of a row group says that it unpacks to very much more than it is.
        pyarrow.ArrowException: If it is no Parquet file, or damaged.
    """
    metadata = pq.read_metadata(stream)
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            unpacked, packed = column.total_uncompressed_size, max(column.total_compressed_size, 1)
            if unpacked > _UNPACKED_MIN and unpacked // packed > _RATIO_MAX:
                raise ValueError(
                    f'column "{column.path_in_schema[:60]}" unpacks to {unpacked // packed:,} times its size, which '
                    "readings never do"
                )
    schema = metadata.schema
    texts = [
        schema.column(place).path
        for place in range(metadata.num_columns)
        if schema.column(place).physical_type == _TEXT
    ]
    stream.seek(0)
    return pq.ParquetFile(stream, read_dictionary=texts)
