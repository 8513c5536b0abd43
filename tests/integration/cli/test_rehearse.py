"""``partage rehearse`` as a person meets it."""

import json

RULES = '[sharing_key]\nmethod = "equal"\n'


def write(folder, text):
    file = folder / "RULES.toml"
    file.write_text(text)
    return file


def test_a_rule_is_rehearsed_and_every_members_line_written(partage, home, tmp_path):
    out = tmp_path / "result.json"
    done = partage("rehearse", "toits", "--rules", write(tmp_path, RULES), "--months", 12, "--out", out)
    assert done.code == 0, done.err
    assert "gain EUR" in done.out
    told = json.loads(out.read_text())
    assert out.stat().st_mode & 0o077 == 0
    assert [line["participant"] for line in told["members"]] == ["ada", "ben", "cleo"]
    for name in ("energy_before_kwh", "energy_after_kwh", "bill_before", "bill_after"):
        assert name in told["members"][0]
        assert name in told["community"]
    assert told["community"]["id"] == "toits"


def test_programs_get_one_object(partage, home, tmp_path):
    done = partage("rehearse", "toits", "--rules", write(tmp_path, RULES), "--json")
    assert json.loads(done.out)["result_hash"].startswith("0x")


def test_what_is_no_rule_is_refused_in_a_sentence(partage, home, tmp_path):
    broken = partage("rehearse", "toits", "--rules", write(tmp_path, "[sharing_key\n"))
    assert broken.code
    assert "not valid TOML" in broken.sentence
    unknown = partage("rehearse", "toits", "--rules", write(tmp_path, '[sharing_key]\nmethod = "fair"\n'))
    assert unknown.code
    assert "fair" in unknown.sentence
    nowhere = partage("rehearse", "toits", "--rules", tmp_path / "NONE.toml")
    assert nowhere.code
    assert "NONE.toml" in nowhere.sentence
