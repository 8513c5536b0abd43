"""Models as files: plain JSON, plain arrays, and scikit-learn's estimators as skops writes them. No pickle.

A kept model is a ZIP archive of ``model.json`` (what kind, and its state), ``N.npy`` for arrays and ``N.skops`` for
estimators. The same state makes the same bytes, so that the hash of the content names the model: skops numbers its
parts by addresses in memory and dates its entries, both of which are replaced here.
"""

from __future__ import annotations

import importlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.commitments.keccak import keccak256
from backend.errors import InputError

if TYPE_CHECKING:
    from backend.forecasting import Series
    from ml.models import FittedModel

__all__ = ["KINDS", "code_hash", "data_hash", "library_versions", "model_id", "pack_model", "unpack_model"]

KINDS: dict[str, tuple[str, str]] = {
    "charging": ("ml.models.charging", "FittedCharging"),
    "clusters": ("ml.models.clusters", "FittedClusters"),
    "solar": ("ml.solar.solar", "FittedSolar"),
    "wind": ("ml.solar.wind", "FittedWind"),
    "load": ("ml.models.load", "FittedLoad"),
    "chosen": ("ml.models.choice", "FittedChoice"),
    "naive": ("ml.models.naive", "FittedNaive"),
    "homes": ("ml.models.homes", "FittedHomes"),
    "zone": ("ml.models.zone", "FittedZone"),
    "substation": ("ml.models.substation", "FittedSubstation"),
    "days": ("ml.prices.fitted", "FittedDays"),
    "oil": ("ml.anomalies.oil", "FittedOil"),
}
"""Kind in the file -> module and class, which has ``state`` and ``from_state``."""

_FORMAT = 1
_BYTES_MAX = 512 * 2**20
_ENTRIES_MAX = 20_000
_DATED = (1980, 1, 1, 0, 0, 0)
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "pvlib", "holidays", "numba")
# Parts of estimators that skops asks about, for they are compiled: they hold arrays and numbers, and run nothing.
_TRUSTED = frozenset(
    {
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
        "sklearn._loss.link.IdentityLink",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogLink",
        "sklearn._loss.loss.HalfSquaredError",
        "sklearn._loss.loss.PinballLoss",
        "sklearn._loss.loss.AbsoluteError",
        "sklearn._loss._loss.CyHalfSquaredError",
        "sklearn._loss._loss.CyPinballLoss",
        "sklearn._loss._loss.CyAbsoluteError",
    }
)


def pack_model(fitted: FittedModel) -> bytes:
    """Write a model.

    Raises:
        InputError: If it is of no kind that can be read again.
    """
    kind = _kind_of(fitted)
    parts: dict[str, bytes] = {}
    document = {"format": _FORMAT, "kind": kind, "state": _encoded(fitted.state(), parts)}
    head = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    return _archive({"model.json": head, **parts})


def unpack_model(content: bytes) -> FittedModel:
    """Read a model that ``pack_model`` wrote. Nothing in the file is run.

    Raises:
        InputError: If it is no such file, of an unknown kind, too large, or holds something that is not trusted.
    """
    parts = _entries(content)
    try:
        document = json.loads(parts.pop("model.json"))
        kind, form, state = document["kind"], document["format"], document["state"]
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"the model file has no readable model.json ({error}); train the model again."
        ) from error
    if form != _FORMAT or kind not in KINDS:
        raise InputError(
            f"the model file is of kind {kind!r}, format {form}; this version reads {', '.join(sorted(KINDS))} of "
            f"format {_FORMAT}. Train the model again."
        )
    try:
        made = _class_of(kind).from_state(_decoded(state, parts))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"the state of the {kind} model does not fit this version ({error!r}); train it again."
        ) from error
    fitted: FittedModel = made
    return fitted


def model_id(content: bytes) -> str:
    """The name of a kept model: keccak of its bytes, 0x-hex."""
    return "0x" + keccak256(content).hex()


def data_hash(series: Series, until_utc: int) -> str:
    """Keccak of what a model learned from: grid, values and inputs before an instant, 0x-hex."""
    count = min(series.place(until_utc), len(series))
    head = {"start": series.start_utc, "step": series.step_seconds, "count": count, "unit": series.unit}
    message = [json.dumps([head, sorted(series.inputs)]).encode(), _row(series.values[:count])]
    message += [_row(series.inputs[name][:count]) for name in sorted(series.inputs)]
    return "0x" + keccak256(b"".join(message)).hex()


def code_hash() -> str:
    """Keccak of the code that fits models, and of the versions of its libraries, 0x-hex."""
    from importlib import resources

    message = [json.dumps(library_versions()).encode()]
    for package in ("backend.forecasting", "ml.features", "ml.models", "ml.prices", "ml.solar"):
        files = (entry for entry in resources.files(package).iterdir() if entry.name.endswith(".py"))
        message += [
            f"{package}/{entry.name}\n".encode() + entry.read_bytes()
            for entry in sorted(files, key=lambda entry: entry.name)
        ]
    return "0x" + keccak256(b"\0".join(message)).hex()


def library_versions() -> dict[str, str]:
    """Versions of what decides a fit beside our own code."""
    from importlib.metadata import version

    return {name: version(name) for name in _LIBRARIES}


def _kind_of(fitted: FittedModel) -> str:
    mine = (type(fitted).__module__, type(fitted).__name__)
    for kind, place in KINDS.items():
        if place == mine:
            return kind
    raise InputError(f"a model of class {mine[1]} is of no kind that can be kept; name it in KINDS first.")


def _class_of(kind: str) -> Any:
    module, name = KINDS[kind]
    return getattr(importlib.import_module(module), name)


def _row(values: np.ndarray[Any, np.dtype[np.float64]]) -> bytes:
    """Little-endian, every NaN alike, no negative zero."""
    row = np.asarray(values, dtype="<f8") + 0.0
    return np.where(np.isnan(row), np.float64("nan"), row).tobytes()


def _encoded(value: Any, parts: dict[str, bytes]) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return {"$array": _put(parts, "npy", _array_bytes(value))}
    if isinstance(value, Mapping):
        assert all(isinstance(key, str) and not key.startswith("$") for key in value), sorted(map(str, value))
        return {key: _encoded(inner, parts) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encoded(inner, parts) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return {"$estimator": _put(parts, "skops", _estimator_bytes(value))}


def _decoded(value: Any, parts: Mapping[str, bytes]) -> Any:
    if isinstance(value, list):
        return [_decoded(inner, parts) for inner in value]
    if not isinstance(value, dict):
        return value
    if "$array" in value:
        return np.load(io.BytesIO(parts[value["$array"]]), allow_pickle=False)
    if "$float" in value:
        return float(value["$float"])
    if "$estimator" in value:
        return _estimator(parts[value["$estimator"]])
    return {key: _decoded(inner, parts) for key, inner in value.items()}


def _put(parts: dict[str, bytes], suffix: str, content: bytes) -> str:
    name = f"{len(parts)}.{suffix}"
    parts[name] = content
    return name


def _array_bytes(array: np.ndarray[Any, Any]) -> bytes:
    assert not array.dtype.hasobject, array.dtype
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _estimator_bytes(estimator: Any) -> bytes:
    """As skops writes it, its parts numbered in order rather than by their addresses in memory."""
    import skops.io

    written = _entries(skops.io.dumps(estimator))
    schema = json.loads(written.pop("schema.json"))
    numbers: dict[int, int] = {}
    files: dict[str, str] = {}
    _renumber(schema, numbers, files)
    assert files.keys() == written.keys(), "skops wrote a part that its schema does not name"
    head = json.dumps(schema, separators=(",", ":")).encode()
    return _archive({"schema.json": head, **{new: written[old] for old, new in files.items()}})


def _renumber(node: Any, numbers: dict[int, int], files: dict[str, str]) -> None:
    if isinstance(node, list):
        for inner in node:
            _renumber(inner, numbers, files)
    elif isinstance(node, dict):
        if isinstance(node.get("__id__"), int):
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)
        if isinstance(node.get("file"), str):
            old = node["file"]
            node["file"] = files.setdefault(old, f"{len(files)}.{old.rpartition('.')[2]}")
        for inner in node.values():
            _renumber(inner, numbers, files)


def _estimator(content: bytes) -> Any:
    import skops.io

    _entries(content)  # no larger, once unpacked, than a model may be
    strangers = set(skops.io.get_untrusted_types(data=content)) - _TRUSTED
    if strangers:
        raise InputError(
            f"the model file holds {', '.join(sorted(strangers))}, which is not trusted; train the model again."
        )
    return skops.io.loads(content, trusted=sorted(_TRUSTED))


def _archive(entries: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, _DATED)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=6)
    return buffer.getvalue()


def _entries(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            size = sum(entry.file_size for entry in entries)
            # Other methods unpack without regard to the size that the entry tells.
            if any(
                entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries
            ):
                raise InputError("the model file is packed as no model is (deflated); train the model again.")
            if size > _BYTES_MAX or len(entries) > _ENTRIES_MAX:
                raise InputError(
                    f"the model file unpacks to {size:,} bytes in {len(entries):,} parts; a model has at most "
                    f"{_BYTES_MAX:,} bytes in {_ENTRIES_MAX:,}."
                )
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"the model file is damaged ({error}); train the model again.") from error
