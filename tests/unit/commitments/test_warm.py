import subprocess
import sys

import numpy as np

from backend.commitments import warm_kernels
from backend.commitments.keccak import keccak256, keccak256_many
from backend.warm import ROOMS


def test_warming_loads_the_compiled_lanes_and_no_room_does_so_by_being_imported():
    program = (
        "import sys, backend.commitments as room\n"
        "early = 'numba' in sys.modules\n"
        "room.warm_kernels()\n"
        "sys.exit(early or 'backend.commitments.keccak_lanes' not in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_warming_twice_changes_nothing():
    warm_kernels()
    warm_kernels()
    messages = np.arange(64 * 98, dtype=np.uint8).reshape(64, 98)
    assert keccak256_many(messages)[63].tobytes() == keccak256(messages[63].tobytes())


def test_the_set_up_warms_every_room_that_compiles(pytestconfig):
    root = pytestconfig.rootpath
    files = [path for room in ("backend", "ml") for path in (root / room).rglob("*.py")]
    compiling = {path.parent for path in files if "def warm_kernels(" in path.read_text("utf-8")}
    using = {path.parent for path in files if "from numba import" in path.read_text("utf-8")}
    warmed = {root.joinpath(*room.split(".")) for room in ROOMS}
    assert warmed == compiling == using
