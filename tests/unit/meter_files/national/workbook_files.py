"""Makes workbooks: Austrian energy reports, and those that nobody should open."""

import io
import zipfile
from datetime import datetime, timedelta

import openpyxl

CONSUMER, PRODUCER = "AT0030000000000000000000000000001", "AT0030000000000000000000000000002"
CONSUMED = (
    "Gesamtverbrauch lt. Messung (bei Teilnahme gem. Erzeugung) [KWH]",
    "Anteil gemeinschaftliche Erzeugung [KWH]",
    "Eigendeckung gemeinschaftliche Erzeugung [KWH]",
)
PRODUCED = (
    "Gesamte gemeinschaftliche Erzeugung [KWH]",
    "Gesamt/Überschusserzeugung, Gemeinschaftsüberschuss [KWH]",
)
RESIDUE = "Restüberschuss bei EG und je ZP [KWH]"


def columns(consumed=CONSUMED, produced=PRODUCED):
    return [(CONSUMER, "CONSUMPTION", code) for code in consumed] + [
        (PRODUCER, "GENERATION", code) for code in produced
    ]


def quarter_hours(first, count):
    return [first + timedelta(minutes=15 * number) for number in range(count)]


def report(
    rows,
    wanted,
    *,
    methods=True,
    labels=("MeteringPointId", "Energydirection", "MeterCode"),
    extra=(),
    sheet="Energiedaten",
):
    """A report: ``rows`` of (stamp, figures, methods); ``wanted`` columns of (point, direction, code)."""
    book = openpyxl.Workbook()
    book.active.title = "Detailübersicht"
    book.active.append(["Zählpunkt", "Energierichtung"])
    page = book.create_sheet(sheet)
    for place, label in enumerate(labels):
        line = [label]
        for column in wanted:
            line += [column[place], "MM"] if methods else [column[place]]
        page.append(line)
    for line in extra:
        page.append(line)
    page.append([])
    for stamp, figures, words in rows:
        line = [stamp]
        for place, figure in enumerate(figures):
            line += (
                [figure, words[place] if isinstance(words, (list, tuple)) else words] if methods else [figure]
            )
        page.append(line)
    return saved(book)


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def written(moment):
    return moment.strftime("%d.%m.%Y %H:%M:%S")


FIRST = datetime(2026, 7, 1)  # noqa: DTZ001 -- a wall clock's


def altered(content, member, change):
    """A workbook one of whose parts is changed, or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in dict.fromkeys((*source.namelist(), member)):
            data = source.read(name) if name in source.namelist() else b""
            target.writestr(name, change(data) if name == member else data)
    return buffer.getvalue()
