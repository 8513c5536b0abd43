"""What is asked for and is not there, and bundles that are none: one sentence each, nothing written."""

import json
import socket
from contextlib import closing

import pytest

BUNDLE = ("bundle", "toits", "--period", "2024-03", "--participant", "ada", "--out")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["settle", "toit", "--period", "2024-03"], ["no community 'toit'", "there are: toits"]),
        (["settle", "toits", "--period", "2024-3"], ["'2024-3' is not a month", "like 2017-06"]),
        (["settle", "toits", "--period", "2024-13"], ["'2024-13' is not a month"]),
        (["settle", "toits", "--period", "2024-04"], ["2024-04", "from 2024-03-01 to 2024-03-31"]),
        (["settle", "toits", "--period", "2019-01"], ["2019-01", "Choose a month among these days"]),
        (
            ["bills", "toits", "--period", "2024-02"],
            ["not settled yet", "partage settle toits --period 2024-02"],
        ),
        (["bills", "nobody", "--period", "2024-03"], ["no community 'nobody'"]),
        (["bills", "toits", "--period", "2024-03", "--pdf", "b.json"], ["b.json is a file", "name a folder"]),
        (["bills", "toits", "--period", "2024-03", "--pdf", "x", "--locale", "de"], ["'de'", "en and fr"]),
        ([*BUNDLE[:5], "adda", "--out", "x.json"], ["'adda' has no bill", 'did you mean "ada"?']),
        ([*BUNDLE, "nowhere/b.json"], ["nowhere/b.json cannot be written", "No such file or directory"]),
        ([*BUNDLE, "."], ["cannot be written", "Is a directory"]),
        (["demo", "--month", "2018-01"], ["from 2016-08 to 2017-07", "'2018-01'"]),
        (["demo", "raof"], ["'raof'", "roof or street"]),
        (["demo", "--fresh"], ["community 'toits'", "--fresh would delete it", "another folder"]),
        (["bench", "alocation"], ["'alocation'", "Did you mean 'allocation'?"]),
        (["backup", "b.json"], ["b.json exists", "never overwrites"]),
        (["restore", "b.tar.gz"], ["is not empty", "never overwrites"]),
        (
            ["allocate", "--community", "no.toml", "--readings", "b.json", "--out", "x"],
            ["no.toml is not a file"],
        ),
        (["verify", "nowhere.json"], ["nowhere.json is not a file"]),
        (["verify", "b.json", "--rpc", "ftp://node"], ["'ftp://node'", "no http or https address"]),
    ],
)
def test_what_is_not_there_is_refused_by_name_with_what_to_do(words, said, refuses, partage, home, tmp_path):
    assert partage(*BUNDLE, "b.json").code == 0
    refuses(*words, said=said)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.json", "home"]


def test_a_word_that_is_no_command_gets_the_nearest_one(partage):
    outcome = partage("setle")
    assert outcome.code == 2
    assert "Did you mean 'settle'" in outcome.err
    assert "partage --help" in outcome.err
    assert partage("settle").code == 2


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda _: "to whom it may concern", ["is not JSON"]),
        (lambda text: text[:5000], ["is not JSON"]),
        (lambda _: "[" * 100_000, ["is not JSON"]),
        (lambda text: text.replace('{"format"', '{"note":1,"format"', 1), ["field note is unknown"]),
        (lambda text: text.replace('"seat":0', '"seat":0,"seat":0', 1), ["seat"]),
        (lambda text: text.replace('"seat":0', '"seat":NaN', 1), ["NaN"]),
        (lambda text: text.replace('"seat":0', '"seat":' + "9" * 5000, 1), ["is not JSON"]),
        (lambda _: json.dumps({"format": "partage-bundle"}), ["missing"]),
        (lambda _: "[]", ["expected an object"]),
    ],
)
def test_what_is_no_bundle_is_refused_with_the_field(alter, said, refuses, partage, home, tmp_path):
    file = tmp_path / "bill.json"
    assert partage(*BUNDLE, file).code == 0
    altered = alter(file.read_text())
    assert altered != file.read_text()
    file.write_text(altered)
    refuses("verify", file, said=["bill.json", *said, "`partage bundle` wrote"])


def test_a_binary_bundle_and_one_of_a_gigabyte_are_refused_unread(refuses, home, tmp_path):
    file = tmp_path / "bill.json"
    file.write_bytes(b"\x93NUMPY\x01\x00\xff")
    refuses("verify", file, said=["bill.json is not UTF-8 text", "is it a bundle?"])
    with file.open("wb") as stream:
        stream.truncate(1 << 30)
    refuses("verify", file, said=["1,073,741,824 bytes"])


def test_a_node_that_does_not_answer_the_verifier_is_named(refuses, partage, home, tmp_path, closed_port):
    url = f"http://127.0.0.1:{closed_port}"
    assert partage(*BUNDLE, "b.json").code == 0
    refuses("verify", "b.json", "--rpc", url, said=[url, "does not answer", "start the node"])


def test_a_taken_port_is_said_before_any_work(refuses, home):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        for words in (["serve"], ["demo", "--serve"]):
            refuses(*words, "--port", port, said=[f"port {port}", "choose another with --port"])


def test_a_mistake_of_the_program_is_told_as_one_without_a_traceback(partage, home, monkeypatch):
    def stumble(*_: object) -> None:
        raise LookupError("there is no such thing")

    monkeypatch.setattr("backend.services.check_readings.check_readings", stumble)
    outcome = partage("readings", "check", "toits")
    assert outcome.code == 70
    assert "the program made a mistake (LookupError: there is no such thing)" in outcome.err
    assert "Traceback" not in outcome.err
    monkeypatch.setenv("PARTAGE_DEBUG", "1")
    with pytest.raises(LookupError):
        partage("readings", "check", "toits")


def test_an_interrupted_command_says_that_it_can_be_repeated(partage, home, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("backend.services.check_readings.check_readings", interrupt)
    outcome = partage("readings", "check", "toits")
    assert outcome.code == 130
    assert "run the same command again" in outcome.err
