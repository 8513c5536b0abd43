"""What the browser knows of the terms of conformity is what the rules say."""

from scripts.make_conformity_terms import FILE, main, write_module


def test_the_pages_know_the_parameters_bounds_and_treatments_of_today(monkeypatch, tmp_path):
    assert FILE.read_text(encoding="utf-8") == write_module(), "run python scripts/make_conformity_terms.py"
    assert main(["--check"]) == 0
    stale = tmp_path / FILE.name
    stale.write_text(write_module().replace('"hours": [24,', '"hours": [25,', 1), encoding="utf-8")
    monkeypatch.setattr("scripts.make_conformity_terms.FILE", stale)
    assert main(["--check"]) == 1
