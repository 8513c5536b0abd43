"""Reasons: what is said of a fallback is known again by its code and figures."""

from pathlib import Path
from string import Formatter

import pytest

from backend.forecasting.reasons import FORMS, OTHER, join_reasons, read_reasons, tell_reason

NAMES = {"feeder", "input", "inputs", "model", "rule", "unit", "of_each"}


def figures_of(code: str) -> dict[str, float | str]:
    names = [name for _, name, _, _ in Formatter().parse(FORMS[code]) if name]
    return {name: f"a {name}" if name in NAMES else 12.5 + place for place, name in enumerate(names)}


@pytest.mark.parametrize("code", FORMS)
def test_every_form_is_read_back_with_its_figures(code: str) -> None:
    figures = figures_of(code)
    [read] = read_reasons(tell_reason(code, **figures))
    assert (read.code, dict(read.figures)) == (code, figures)


def test_several_reasons_stay_apart_although_one_holds_a_semicolon() -> None:
    short = tell_reason("short_history", needed=35, known=20.1)
    assert "; " in short
    told = join_reasons([short, tell_reason("input_absent", input="temperature"), short])
    assert [one.code for one in read_reasons(told)] == ["short_history", "input_absent"]


def test_what_stands_before_a_reason_is_a_reason_of_its_own() -> None:
    short = tell_reason("short_sun", needed=21, known=3)
    assert [one.code for one in read_reasons(f"No model could be trained yet: {short}")] == [
        "no_model",
        "short_sun",
    ]
    failed, why = read_reasons(f"ridge+boosting could not: {short}")
    assert (failed.code, failed.figures, why.figures["known"]) == (
        "model_failed",
        {"model": "ridge+boosting"},
        3.0,
    )


def test_a_sentence_that_nobody_knows_stays_as_it_is() -> None:
    [read] = read_reasons("the moon was full")
    assert (read.code, read.words, read.figures) == (OTHER, "the moon was full", {})
    assert read_reasons("") == ()


@pytest.mark.parametrize(
    ("value", "told"), [(0, "0"), (1e-7, "1e-07"), (123456.789, "1.235e+05"), (-2.5, "-2.5")]
)
def test_figures_of_any_size_are_read_back(value: float, told: str) -> None:
    words = tell_reason("no_wind", missing=value, length=48)
    assert words == f"no wind for {told} of 48 intervals"
    assert [one.code for one in read_reasons(words)] == ["no_wind"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_have_words_for_every_form(language: str) -> None:
    words = (Path(__file__).parents[3] / "frontend_static" / "i18n" / f"{language}_forecasts.js").read_text()
    lacking = [
        code for code in [*FORMS, "no_model", "model_failed"] if f'"forecast.reason.{code}":' not in words
    ]
    assert lacking == []
