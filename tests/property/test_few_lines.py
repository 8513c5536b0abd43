"""Short messages take a short way: the same table, or the same findings, as a file of any length."""

from io import BytesIO
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from backend.adapters.meter_files import generic_csv
from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.text_blocks import split_blocks
from backend.errors import ReadingsError

WORDS = [
    "home",
    "a b",
    "2017-06-01T00:00:00Z",
    "2017-06-01T02:15:00+02:00",
    "15",
    "60",
    "0.125",
    "1e-3",
    "",
    " ",
]
ODD_WORDS = ["measured", "missing", "edited", "é", "\u2028", "\x85", "nan", '"x"', '"', "x,y", "-1", "9" * 30]
FIELDS = st.one_of(
    st.sampled_from([*WORDS, *ODD_WORDS]),
    st.text(st.characters(exclude_characters="\0\r\n", codec="utf-8"), max_size=6),
)
SOUND = st.tuples(
    st.sampled_from(["home", "barn"]),
    st.integers(0, 40).map(lambda n: f"2017-06-01T{n // 4:02}:{n % 4 * 15:02}:00Z"),
    st.just("15"),
    st.sampled_from(["0.1", "2", "", ".5", "0.0000005"]),
    st.sampled_from(["measured", "missing"]),
)
LINES = st.lists(
    st.one_of(SOUND.map(list), SOUND.map(list), st.lists(FIELDS, max_size=7)).map(",".join), max_size=12
)


def outcome(text, few_bytes_max):
    faults = FaultCollector("f")
    with patch.object(generic_csv, "_FEW_BYTES_MAX", few_bytes_max):
        try:
            table, findings = generic_csv.read_generic_blocks(
                split_blocks(BytesIO(text), faults), faults, known_points={"home", "barn"}
            )
        except ReadingsError as error:
            return str(error), error.findings
    columns = [getattr(table, name).tolist() for name in ("point", "start_utc", "energy", "quality")]
    return table.metering_points, table.resolution_minutes, columns, findings


@given(lines=LINES, ended=st.booleans())
def test_the_short_way_and_the_long_way_agree(lines, ended):
    text = "\n".join([",".join(generic_csv.COLUMNS), *lines]) + ("\n" if ended else "")
    assert outcome(text.encode(), 0) == outcome(text.encode(), 1 << 20)
