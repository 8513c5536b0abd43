"""A child process that reads files in a box: so much memory, so much time, and whatever it does is told."""

import json
import resource
import select
import subprocess
import sys
import traceback
from pathlib import Path

ROOM_BYTES = 768 * 1024**2
SECONDS_MAX = 20
_ROOT = Path(__file__).parents[4]


class Box:
    """Asks the child; a child that died or hangs is told as such, and the next question gets a new one."""

    def __init__(self):
        self._child = None

    def ask(self, path, **options):
        """Outcome of reading a file: ``read``, ``refused``, or what went wrong; findings; rows."""
        if self._child is None:
            self._child = self._start()
        self._child.stdin.write(json.dumps([str(path), options]) + "\n")
        self._child.stdin.flush()
        if not select.select([self._child.stdout], [], [], SECONDS_MAX)[0]:
            self.close()
            return {"outcome": f"still reading after {SECONDS_MAX} s"}
        line = self._child.stdout.readline()
        if not line:
            status = self._child.wait()
            self.close()
            return {"outcome": f"died with status {status}"}
        return json.loads(line)

    def close(self):
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child.stdin.close()
            self._child.stdout.close()
            self._child = None

    @staticmethod
    def _start():
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.meter_files.hostile.boxed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        return child


def _read(path, options):
    from backend.adapters.meter_files.archives import Bounds
    from backend.adapters.meter_files.formats import ReadOptions
    from backend.adapters.meter_files.reading import MeterFiles
    from backend.errors import ReadingsError

    bounds = Bounds(**options.pop("bounds", {}))
    reader = MeterFiles(options.pop("format", "auto"), ReadOptions(**options), bounds)
    try:
        found = reader.contents(Path(path), known_points=None, resolution_minutes=None)
    except ReadingsError as error:
        told, findings = {"outcome": "refused", "rows": 0, "message": str(error)}, error.findings
    except BaseException:  # noqa: BLE001 -- whatever it is, the test tells it
        return {"outcome": traceback.format_exc(limit=-6)}
    else:
        told, findings = {"outcome": "read", "rows": len(found.table), "message": ""}, found.findings
    return {**told, "findings": [finding.as_dict() for finding in findings]}


def _warm_up():
    """Import what readers import late, so that the room is for files alone."""
    import ijson
    import lxml.etree
    import numba
    import openpyxl
    import pyarrow.csv
    import pyarrow.ipc
    import pyarrow.parquet
    import python_calamine

    for module in (ijson, lxml, numba, openpyxl, pyarrow, python_calamine):
        assert module
    pyarrow.set_cpu_count(2)
    pyarrow.set_io_thread_count(1)
    golden = _ROOT / "tests/golden/meter_files"
    for path in (golden / "nem12_western/input.csv", golden / "nem12_western/expected.csv"):
        _read(path, {"time_zone": "Australia/Brisbane"})


def main():
    """Answer questions, one line each."""
    _warm_up()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    room = pages * resource.getpagesize() + ROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        path, options = json.loads(line)
        sys.stdout.write(json.dumps(_read(path, options)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
