"""Network files that the readers are held against."""

import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.adapters.networks.reading import read_network_file
from backend.ports.network_files import NetworkReading

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "networks"
SHARED_DATA = Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "lv_grids"

WriteMaster = Callable[..., Path]


def shared(*parts: str) -> Path:
    """A file of the shared data; the test is skipped where it is absent."""
    path = SHARED_DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the published network is not in {path}")
    return path


@pytest.fixture(scope="session")
def european_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The European low-voltage feeder's main file, unpacked."""
    folder = tmp_path_factory.mktemp("european_lv")
    with tarfile.open(GOLDEN / "european_lv.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "Master.dss"


@pytest.fixture(scope="session")
def european(european_master: Path) -> NetworkReading:
    """The European low-voltage feeder, read once."""
    return read_network_file(european_master)


@pytest.fixture
def write_master(tmp_path: Path) -> WriteMaster:
    """Writes a script of one 11 kV source, a transformer and what is given, on 50 Hz."""

    def write(*lines: str, head: str = "", tail: str = "") -> Path:
        text = "\n".join((
            "clear",
            "set defaultbasefrequency=50",
            head,
            "new circuit.small basekv=11 pu=1.0 isc3=3000 isc1=2500",
            "new transformer.t1 buses=[sourcebus lv] conns=[delta wye] kvs=[11 0.4] kvas=[250 250] xhl=4 %rs=[0.5 0.5]",
            "new linecode.cable nphases=3 r1=0.32 x1=0.08 r0=1.28 x0=0.3 c1=0 c0=0 units=km normamps=200",
            *lines,
            "set voltagebases=[11 0.4]",
            "calcvoltagebases",
            tail,
        ))  # fmt: skip
        master = tmp_path / "Master.dss"
        master.write_text(text, encoding="utf-8")
        return master

    return write
