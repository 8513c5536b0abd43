"""A process that appends batches from several threads until it is killed, and tells each one that is acknowledged."""

import os
import sys
import threading
from pathlib import Path

from backend.adapters.journal import FileJournal
from tests.integration.journal.incoming import batch

_THREADS = 4


def main() -> None:
    folder, first = Path(sys.argv[1]), int(sys.argv[2])
    journal = FileJournal(folder, segment_bytes_max=20_000)

    def work(thread: int) -> None:
        number = first + thread
        while True:
            journal.append("toits", batch(number))
            os.write(1, f"{number}\n".encode())
            number += _THREADS

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(_THREADS)]
    for thread in threads:
        thread.start()


if __name__ == "__main__":
    main()
