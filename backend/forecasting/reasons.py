"""Why a simpler model stood in, or nothing could be judged: sentences of one catalogue, which are read back from it.

A reason is kept as it was said. What was said in a form of the catalogue is known again, by its code and its figures,
so that pages can say it in another language; what was not stays a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMS", "OTHER", "Reason", "join_reasons", "read_reasons", "tell_reason", "tell_reasons"]

OTHER = "other"
"""Code of a sentence that the catalogue does not know."""

_NAMES = {"feeder", "input", "inputs", "model", "rule", "unit", "of_each"}
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"
_BETWEEN = "; "

FORMS: Mapping[str, str] = {
    # What a model could not learn from.
    "short_history": (
        "a load model needs {needed} days of known values, there are {known}; plain rules stand in until then"
    ),
    "short_homes": (
        "the homes have at most {known} days of known values before {until_utc} s; at least {needed} days"
        " are needed. Use a model of similar meters, or wait."
    ),
    "unused_homes": "the homes used nothing in all the days before {until_utc} s: there is nothing to learn.",
    "short_sun": "a solar forecast is learned from {needed} days; there are {known}.",
    "short_substation": (
        "a substation is learned from {needed} days of known values, there are {known}; give a longer "
        "history, or use a seasonal naive forecast until then."
    ),
    "short_days": (
        "the series has {known} days whose values (and {inputs_known} inputs) are known before "
        "{until_utc} s; a model of days needs {needed}. Give a longer history."
    ),
    # What was better.
    "rule_closer": (
        "{rule} was closer on the last weeks: mean absolute error {rule_error} {unit}, {model} "
        "{model_error} {of_each}"
    ),
    # What a forecast lacked.
    "input_absent": "the input '{input}' is absent",
    "input_unknown": "the input '{input}' is unknown in {missing} of the {length} intervals ahead",
    "other_steps": "the series has steps of {step_seconds} s, the model of {model_step_seconds} s",
    "nothing_recent": "nothing was measured in the five weeks before the origin",
    "from_days_before": "taken from the days before: {inputs}",
    "from_week_before": (
        "inputs ({inputs}) are not known for {missing} of {length} days ahead; those of a week before "
        "stand in"
    ),
    "no_wind": "no wind for {missing} of {length} intervals",
    "no_weather": "no weather for {missing} of {length} intervals by day",
    "new_home": (
        "{known} known intervals end by the origin {origin_utc} s, in a series that ends at {end_utc} s; "
        "a home needs {needed}, and no origin after its end. Use a model of similar meters for a new "
        "home."
    ),
    # What could not be judged.
    "silent_points": "{count} metering points have no readings in these days or before.",
    "silent_feeder": "feeder {feeder} has no readings of its own meter.",
    "short_meters": (
        "before the span {known} days are known, and {comparable} days of all meters can be compared with"
        " earlier ones; {needed} and {comparable_needed} are needed to tell what is usual. Begin the span"
        " later, or load earlier readings."
    ),
    "short_feeder": (
        "feeder '{feeder}' has {known} days before the span on which it and all {members} members are "
        "known; {needed} are needed to tell its losses from energy that nobody meters."
    ),
}
"""Sentences by code; in braces names and figures. Two of them stand behind one another with ``; `` between."""

_OPENINGS = {
    "no_model": re.compile(r"No model could be trained yet: "),
    "model_failed": re.compile(r"(?P<model>[\w+ -]+) could not: "),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes:
        code: A form's of the catalogue, ``no_model`` and ``model_failed`` (the next says why), or ``other``.
        words: The sentence.
        figures: What stands in its braces: names as text, the rest as numbers.
    """

    code: str
    words: str
    figures: Mapping[str, float | str] = field(default_factory=dict)


def tell_reason(code: str, **figures: float | str) -> str:
    """A sentence of the catalogue.

    Args:
        code: Of ``FORMS``.
        figures: One for each brace; numbers are told to four digits where they are no whole ones.
    """
    told = {name: value if name in _NAMES else _number(float(value)) for name, value in figures.items()}
    return FORMS[code].format(**told)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.4g}"


def join_reasons(reasons: list[str]) -> str:
    """Several sentences as one, none twice."""
    return _BETWEEN.join(dict.fromkeys(reasons))


def read_reasons(words: str) -> tuple[Reason, ...]:
    """What a sentence, or several, say; none where there is none."""
    found: list[Reason] = []
    rest = words
    for code, opening in _OPENINGS.items():
        if opened := opening.match(rest):
            found.append(Reason(code, opened[0].rstrip(": "), opened.groupdict()))
            rest = rest[opened.end() :]
    parts = rest.split(_BETWEEN) if rest else []
    while parts:
        # A form may hold a semicolon itself: the longest that fits.
        one, taken = Reason(OTHER, parts[0]), 1
        for until in range(len(parts), 0, -1):
            known = _read(_BETWEEN.join(parts[:until]))
            if known is not None:
                one, taken = known, until
                break
        found.append(one)
        parts = parts[taken:]
    return tuple(found)


def tell_reasons(words: str) -> list[dict[str, Any]]:
    """What a sentence, or several, say, for JSON: ``code``, ``words`` and ``figures`` of each."""
    return [
        {"code": one.code, "words": one.words, "figures": dict(one.figures)} for one in read_reasons(words)
    ]


def _read(sentence: str) -> Reason | None:
    for code, pattern in _patterns().items():
        if said := pattern.fullmatch(sentence):
            figures = {
                name: text if name in _NAMES else float(text) for name, text in said.groupdict().items()
            }
            return Reason(code, sentence, figures)
    return None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Forms as patterns: a name is anything but a semicolon, a figure is a number."""
    return {
        code: re.compile(
            "".join(
                re.escape(text) + (f"(?P<{name}>{'[^;]+?' if name in _NAMES else _NUMBER})" if name else "")
                for text, name, _, _ in Formatter().parse(form)
            )
        )
        for code, form in FORMS.items()
    }
