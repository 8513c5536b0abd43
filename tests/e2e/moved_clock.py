"""The command, with the machine's clock moved on by what a file says: ``moved_clock.py FILE ARGUMENT...``. [s]"""

import sys
import time
from pathlib import Path

if __name__ == "__main__":
    moved, now = Path(sys.argv[1]), time.time
    time.time = lambda: now() + float(moved.read_text())
    sys.argv = ["partage", *sys.argv[2:]]
    from backend.cli import main

    main()
