import io
import json
import math
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Forecast, Series
from ml.operation import registry
from ml.operation.registry import code_hash, data_hash, model_id, pack_model, unpack_model


class Kept:
    """A model with every kind of part."""

    name = "kept"

    def __init__(self, state):
        self._state = state

    def state(self):
        return self._state

    def forecast(self, series, origin_utc, length) -> Forecast:
        raise NotImplementedError

    @classmethod
    def from_state(cls, state):
        if "levels" not in state:
            raise KeyError("levels")
        return cls(state)


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    monkeypatch.setitem(registry.KINDS, "kept", (Kept.__module__, "Kept"))
    monkeypatch.setitem(sys.modules, Kept.__module__, sys.modules.get(Kept.__module__) or _module())


def _module():
    return type("Module", (), {"Kept": Kept})


def boosted(seed=0):
    from sklearn.ensemble import HistGradientBoostingRegressor

    drawn = np.random.default_rng(1)
    table = drawn.normal(size=(300, 4))
    model = HistGradientBoostingRegressor(loss="quantile", quantile=0.1, max_iter=5, random_state=seed)
    return model.fit(table, table[:, 0]), table


def test_a_model_comes_back_whole():
    estimator, table = boosted()
    array = np.arange(6, dtype=np.int16).reshape(2, 3)
    state = {
        "levels": [0.1, 0.9],
        "nothing": None,
        "unknown": math.nan,
        "beyond": -math.inf,
        "array": array,
        "names": ("a", "b"),
        "parts": {"tree": estimator, "count": np.int64(3), "yes": True},
    }
    back = unpack_model(pack_model(Kept(state))).state()
    assert back["levels"] == [0.1, 0.9]
    assert back["nothing"] is None
    assert math.isnan(back["unknown"])
    assert back["beyond"] == -math.inf
    assert back["array"].dtype == np.int16
    assert back["array"].tolist() == array.tolist()
    assert back["names"] == ["a", "b"]
    assert back["parts"]["count"] == 3
    assert back["parts"]["tree"].predict(table).tolist() == estimator.predict(table).tolist()


def test_the_same_model_has_the_same_bytes_in_another_process(tmp_path):
    program = (
        "import sys\n"
        "ballast = [object() for _ in range(12345)]\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "import fitted\n"
        "from ml.operation import registry\n"
        "print(registry.model_id(registry._estimator_bytes(fitted.make())))\n"
    )
    (tmp_path / "fitted.py").write_text(
        "import numpy as np\n"
        "from sklearn.ensemble import HistGradientBoostingRegressor\n"
        "def make():\n"
        "    table = np.random.default_rng(1).normal(size=(300, 4))\n"
        "    return HistGradientBoostingRegressor(max_iter=5, random_state=0).fit(table, table[:, 0])\n"
    )
    told = [
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
        for program in (program, program.replace("12345", "7"))
    ]
    assert told[0] == told[1]
    assert told[0].startswith("0x")


def test_another_seed_is_another_model():
    one, other = (Kept({"levels": [], "seed": seed}) for seed in (1, 2))
    assert model_id(pack_model(one)) != model_id(pack_model(other))
    assert model_id(pack_model(one)) == model_id(pack_model(Kept({"levels": [], "seed": 1})))


def archive_of(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"no archive", "damaged"),
        (archive_of(other__json="{}"), "no readable model.json"),
        (archive_of(model__json="[]"), "no readable model.json"),
        (
            archive_of(model__json=json.dumps({"kind": "os.system", "format": 1, "state": {}})),
            "kind 'os.system'",
        ),
        (archive_of(model__json=json.dumps({"kind": "kept", "format": 9, "state": {}})), "format 9"),
        (archive_of(model__json=json.dumps({"kind": "kept", "format": 1, "state": {}})), "does not fit"),
        (
            archive_of(
                model__json=json.dumps(
                    {"kind": "kept", "format": 1, "state": {"levels": {"$array": "0.npy"}}}
                )
            ),
            "does not fit",
        ),
    ],
)
def test_what_is_no_model_is_refused_with_what_to_do(content, word):
    with pytest.raises(InputError, match=word):
        unpack_model(content)


def test_an_estimator_of_a_strange_class_is_refused_before_it_is_made():
    import skops.io

    part = skops.io.dumps(subprocess.Popen)
    head = json.dumps({"kind": "kept", "format": 1, "state": {"levels": {"$estimator": "0.skops"}}})
    with pytest.raises(InputError, match="not trusted"):
        unpack_model(archive_of(**{"model__json": head, "0__skops": part}))


def test_a_pickled_array_is_refused():
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    head = json.dumps({"kind": "kept", "format": 1, "state": {"levels": {"$array": "0.npy"}}})
    with pytest.raises(InputError, match="does not fit"):
        unpack_model(archive_of(**{"model__json": head, "0__npy": buffer.getvalue()}))


def test_an_archive_that_swells_is_refused_unread(monkeypatch):
    monkeypatch.setattr(registry, "_BYTES_MAX", 1000)
    with pytest.raises(InputError, match="unpacks to 100,000 bytes"):
        unpack_model(archive_of(model__json="0" * 100_000))


def test_an_estimator_that_swells_within_a_small_archive_is_refused_unread(monkeypatch):
    part = archive_of(schema__json="0" * 100_000)
    head = json.dumps({"kind": "kept", "format": 1, "state": {"levels": {"$estimator": "0.skops"}}})
    monkeypatch.setattr(registry, "_BYTES_MAX", 10_000)
    with pytest.raises(InputError, match="unpacks to 100,000 bytes"):
        unpack_model(archive_of(**{"model__json": head, "0__skops": part}))


def test_an_archive_packed_by_a_method_that_tells_no_size_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("model.json", "0" * 1000)
    with pytest.raises(InputError, match="packed as no model is"):
        unpack_model(buffer.getvalue())


def test_an_archive_whose_bytes_were_changed_is_refused_with_what_to_do():
    content = bytearray(archive_of(model__json="{}" * 4000))
    places = range(40, 60)
    for place in places:
        content[place] = 0xFF
    with pytest.raises(InputError, match="train the model again"):
        unpack_model(bytes(content))


def test_a_model_of_no_kind_cannot_be_kept(monkeypatch):
    monkeypatch.delitem(registry.KINDS, "kept")
    with pytest.raises(InputError, match="class Kept is of no kind"):
        pack_model(Kept({"levels": []}))


def test_the_data_hash_covers_what_was_learned_from_and_nothing_later():
    values, air = np.arange(48.0), np.arange(60.0)
    series = Series(0, 3600, values, {"temperature": air})
    known = data_hash(series, 24 * 3600)
    later, earlier, warmer = values.copy(), values.copy(), air.copy()
    later[30], earlier[3], warmer[3] = -1, -1, -1
    assert data_hash(Series(0, 3600, later, {"temperature": air}), 24 * 3600) == known
    assert data_hash(Series(0, 3600, earlier, {"temperature": air}), 24 * 3600) != known
    assert data_hash(Series(0, 3600, values, {"temperature": warmer}), 24 * 3600) != known
    assert data_hash(Series(0, 3600, values, {"air": air}), 24 * 3600) != known


def test_unknown_values_hash_alike_however_they_were_made():
    plain, strange = np.array([1.0, np.nan, 0.0]), np.array([1.0, -np.nan, -0.0])
    assert data_hash(Series(0, 900, plain), 2700) == data_hash(Series(0, 900, strange), 2700)


def test_the_code_hash_is_that_of_this_code_and_its_libraries(monkeypatch):
    before = code_hash()
    assert before == code_hash()
    monkeypatch.setattr(registry, "_LIBRARIES", ("numpy",))
    assert code_hash() != before
