"""Findings quote files, and files may try to steer what shows the findings."""

from backend.adapters.meter_files.faults import FaultCollector


def test_control_characters_of_a_file_do_not_reach_whoever_reads_its_findings():
    faults = FaultCollector("a\x1b[2Jb.csv")
    faults.refuse(
        "energy", "the value \x1b[31m1\u202e2\x07 is\tno number.", metering_point="a\rb", value="\0"
    )
    (finding,) = faults.told()
    assert finding.message == "the value �[31m1�2� is no number."
    assert (finding.file, finding.metering_point, finding.value) == ("a�[2Jb.csv", "a b", "�")


def test_words_of_other_languages_stay_as_they_are():
    faults = FaultCollector("zählpunkt.csv")
    faults.warn("note", "Zählpunkt über 5 µWh … “so”.")
    assert faults.told()[0].message == "Zählpunkt über 5 µWh … “so”."
