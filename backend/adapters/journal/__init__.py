"""The journal of readings that arrive by themselves; implements ``backend.ports.reading_journal.ReadingJournal``.

A folder per community::

    lock                 who writes at this moment
    active.journal       what is appended to: a header, then frames with length and CRC-32
    000001-….journal     sealed: nothing is added any more, waits to become a load
    batches              ids of the batches of sealed segments, so that a repeat is known
    aside/               segments that cannot become a load

A frame holds what was written by one flush: all batches that waited together share it. Only the last frame of the
active segment can be torn, by a crash before anything of it was acknowledged; it is cut when the file is opened. A
frame that does not fit and has a sound one behind it is damage, and refused as such.
"""

from backend.adapters.journal.aside import ErasingAside
from backend.adapters.journal.file_journal import FileJournal

__all__ = ["ErasingAside", "FileJournal"]
