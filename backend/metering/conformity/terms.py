"""What the members can vote of conformity: parameters of each rule, rules left out, treatments, how gaps are filled.

Every parameter of a rule is a whole number with its unit last in its name, its least and its greatest value; ratios
are parts per million. ``ConformityTerms.from_dict`` builds them from plain data such as a rule's TOML table, and
``as_dict`` gives them back; what a table leaves out keeps its default.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.errors import ConformityError
from backend.metering.findings import Treatment

__all__ = [
    "PROFILED",
    "SIMILAR_DAYS",
    "ClearSkyTerms",
    "ClockDriftTerms",
    "ConformityTerms",
    "EstimationTerms",
    "FeederTerms",
    "HabitTerms",
    "IntervalCountTerms",
    "MultiplierTerms",
    "NightTerms",
    "RegisterTerms",
    "SilentTerms",
    "SpikeTerms",
    "StuckTerms",
    "SunFollowerTerms",
    "SwappedTerms",
    "UnitTerms",
    "ZeroRunTerms",
]

SIMILAR_DAYS = "similar-days"
PROFILED = "profiled"


def _bounded(default: int, least: int, most: int) -> Any:
    return field(default=default, metadata={"least": least, "most": most})


def _chosen(default: str, *others: str) -> Any:
    return field(default=default, metadata={"choices": (default, *others)})


@dataclass(frozen=True, slots=True)
class IntervalCountTerms:
    """``interval-count``: a step that is not the community's.

    Attributes:
        days: Consecutive days on which only every k-th interval is there. [d]
    """

    days: int = _bounded(2, 1, 60)


@dataclass(frozen=True, slots=True)
class UnitTerms:
    """``unit``: watt-hours taken for kilowatt-hours, or the other way.

    Attributes:
        factor: Least ratio to the peers or to the own usual day. [1]
        peers: Others of the direction that make a comparison. [1]
        days: Least length of a run that is too low; one that is too high needs a day. [d]
    """

    factor: int = _bounded(150, 20, 900)
    peers: int = _bounded(3, 2, 1_000)
    days: int = _bounded(3, 1, 60)


@dataclass(frozen=True, slots=True)
class MultiplierTerms:
    """``multiplier``: every part of the day changes by one factor, and stays so.

    Attributes:
        factor_ppm: Least ratio of every quantile between the weeks before and after a day. [ppm]
        spread_ppm: Greatest ratio between the ratios of the quantiles; of a small factor less is allowed, of a large
            one more. [ppm]
        window_days: Days compared on each side. [d]
    """

    factor_ppm: int = _bounded(1_700_000, 1_500_000, 100_000_000)
    spread_ppm: int = _bounded(2_500_000, 1_100_000, 10_000_000)
    window_days: int = _bounded(21, 5, 60)


@dataclass(frozen=True, slots=True)
class SpikeTerms:
    """``spike``: highest against third highest.

    Attributes:
        day_ppm: Least ratio of an interval to the third highest of its day. [ppm]
        history_ppm: Least ratio to the usual highest of a day. [ppm]
        usual_ppm: Which daily maximum is the usual highest: this part of the days lies below it. [ppm]
        intervals: Most intervals of a spike. [1]
        watts: Least mean power of a spike: what is smaller matters to nobody. [W]
    """

    day_ppm: int = _bounded(1_800_000, 1_100_000, 100_000_000)
    history_ppm: int = _bounded(2_000_000, 1_100_000, 100_000_000)
    usual_ppm: int = _bounded(980_000, 500_000, 1_000_000)
    intervals: int = _bounded(2, 1, 8)
    watts: int = _bounded(500, 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class StuckTerms:
    """``stuck``: the same positive energy again and again.

    Attributes:
        hours: Least length. [h]
        intervals: Least number of repetitions. [1]
    """

    hours: int = _bounded(24, 1, 1_000)
    intervals: int = _bounded(12, 3, 10_000)


@dataclass(frozen=True, slots=True)
class SilentTerms:
    """``silent``: nothing at all for long.

    Attributes:
        hours: Least length. [h]
    """

    hours: int = _bounded(168, 1, 10_000)


@dataclass(frozen=True, slots=True)
class ZeroRunTerms:
    """``zero-run``: zero for longer than the point's own history knows.

    Attributes:
        hours: Least length. [h]
        most_hours: From this length on ``silent`` says it. [h]
        history_ppm: Least ratio to the longest run of zeros outside it. [ppm]
    """

    hours: int = _bounded(12, 1, 1_000)
    most_hours: int = _bounded(168, 2, 10_000)
    history_ppm: int = _bounded(3_000_000, 1_100_000, 100_000_000)


@dataclass(frozen=True, slots=True)
class HabitTerms:
    """``high`` and ``low``: days beyond what the point's own history knows of that hour and type of day.

    Attributes:
        high_ppm: Least ratio to the high quantiles of the blocks' hours. [ppm]
        low_ppm: Greatest ratio to their low quantiles. [ppm]
        quantile_ppm: The high quantile; the low one is as far from the other end. [ppm]
        blocks: Consecutive blocks of four hours that are taken together. [1]
        days: Least number of days of history of a type. [d]
    """

    high_ppm: int = _bounded(2_400_000, 1_010_000, 100_000_000)
    low_ppm: int = _bounded(280_000, 10_000, 990_000)
    quantile_ppm: int = _bounded(950_000, 600_000, 999_999)
    blocks: int = _bounded(6, 1, 100)
    days: int = _bounded(20, 5, 1_000)


@dataclass(frozen=True, slots=True)
class RegisterTerms:
    """``register``: the sum of intervals against what the register counted.

    Attributes:
        tolerance_watt_hours: What the two may differ by whatever the energy. [Wh]
        tolerance_ppm: What they may differ by of the register's difference, if that is more. [ppm]
        factor_ppm: Greatest deviation of a factor from one reading to the next that still is one. [ppm]
    """

    tolerance_watt_hours: int = _bounded(2_000, 0, 1_000_000)
    tolerance_ppm: int = _bounded(2_000, 0, 1_000_000)
    factor_ppm: int = _bounded(10_000, 0, 500_000)


@dataclass(frozen=True, slots=True)
class FeederTerms:
    """``feeder``: what the feeder's meter drew against what is downstream of it.

    Attributes:
        losses_ppm: Most that lines may lose, of the larger side. [ppm]
        tolerance_ppm: What the two may differ by besides. [ppm]
        tolerance_watt_hours: The same per day, if that is more. [Wh]
    """

    losses_ppm: int = _bounded(60_000, 0, 500_000)
    tolerance_ppm: int = _bounded(10_000, 0, 500_000)
    tolerance_watt_hours: int = _bounded(1_000, 0, 10_000_000)


@dataclass(frozen=True, slots=True)
class ClockDriftTerms:
    """``clock-drift``: the course of the day comes early or late from one day on.

    Attributes:
        minutes: Least shift; of a roof whose day wanders, three times what it wanders by if that is more. [min]
        window_days: Days before and after that are compared, of feed-in. [d]
        most_minutes: Greatest shift that is looked for in consumption. [min]
        load_window_days: Days before and after that are compared, of consumption. [d]
        load_gain_ppm: By how much the correlation of the two mean days is better moved than not. [ppm]
        load_alike_ppm: Least correlation of the two mean days once moved. [ppm]
    """

    minutes: int = _bounded(45, 5, 720)
    window_days: int = _bounded(28, 3, 60)
    most_minutes: int = _bounded(180, 10, 720)
    load_window_days: int = _bounded(28, 7, 90)
    load_gain_ppm: int = _bounded(250_000, 0, 900_000)
    load_alike_ppm: int = _bounded(800_000, 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class NightTerms:
    """``feed-in-at-night``: solar feed-in in the dark.

    Attributes:
        share_ppm: Least energy of an interval, of the point's 99th percentile. [ppm]
        elevation_degrees: Below the horizon the sun must be all through the interval. [degrees]
        window_days: Days from whose feed-in darkness is read where there are no coordinates. [d]
    """

    share_ppm: int = _bounded(20_000, 0, 1_000_000)
    elevation_degrees: int = _bounded(2, 0, 18)
    window_days: int = _bounded(28, 7, 90)


@dataclass(frozen=True, slots=True)
class ClearSkyTerms:
    """``clear-sky``: more than a surface turned to the sun could give under a clear sky.

    Attributes:
        ratio_ppm: Least ratio to that bound. [ppm]
        quantile_ppm: Of the daily best ratios of feed-in to irradiance: the fitted capacity. [ppm]
        elevation_degrees: Least elevation of the sun. [degrees]
    """

    ratio_ppm: int = _bounded(1_500_000, 1_000_000, 100_000_000)
    quantile_ppm: int = _bounded(900_000, 500_000, 1_000_000)
    elevation_degrees: int = _bounded(10, 1, 60)


@dataclass(frozen=True, slots=True)
class SwappedTerms:
    """``swapped``: import written as export and the other way.

    Attributes:
        dark_ppm: Least part of the day's feed-in that falls in the dark. [ppm]
        load_dark_ppm: Greatest part of the day's consumption that falls in the dark. [ppm]
        days: Least number of days. [d]
    """

    dark_ppm: int = _bounded(200_000, 0, 1_000_000)
    load_dark_ppm: int = _bounded(20_000, 0, 1_000_000)
    days: int = _bounded(3, 1, 100)


@dataclass(frozen=True, slots=True)
class SunFollowerTerms:
    """``load-follows-sun``: consumption that is solar production.

    Attributes:
        night_ppm: Greatest ratio of mean energy in the dark to that by day. [ppm]
        correlation_ppm: Least correlation with the others' solar feed-in. [ppm]
        weather_ppm: Least correlation of what remains without each time of day's own mean. [ppm]
    """

    night_ppm: int = _bounded(20_000, 0, 1_000_000)
    correlation_ppm: int = _bounded(750_000, 0, 1_000_000)
    weather_ppm: int = _bounded(700_000, 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class EstimationTerms:
    """``estimation``: how a gap of consumption is filled, where the rule has gaps filled at all.

    Attributes:
        method: ``similar-days``: a line or the mean of the same time on up to four days, which a contract can repeat
            and void (``backend.metering.estimation``). ``profiled``: three days of the same type, made to add up to
            what the register counted, which no contract can repeat: who doubts one opens a case
            (``backend.metering.profiled``).
    """

    method: str = _chosen(SIMILAR_DAYS, PROFILED)


@dataclass(frozen=True, slots=True)
class ConformityTerms:
    """All that can be voted of conformity; each attribute is the table of the rule of that name, or ``estimation``.

    Attributes:
        left_out: Rules that do not run.
        treatments: Treatments that differ from the rule's own, by rule.
    """

    interval_count: IntervalCountTerms = IntervalCountTerms()
    unit: UnitTerms = UnitTerms()
    multiplier: MultiplierTerms = MultiplierTerms()
    spike: SpikeTerms = SpikeTerms()
    stuck: StuckTerms = StuckTerms()
    silent: SilentTerms = SilentTerms()
    zero_run: ZeroRunTerms = ZeroRunTerms()
    habit: HabitTerms = HabitTerms()
    register: RegisterTerms = RegisterTerms()
    feeder: FeederTerms = FeederTerms()
    clock_drift: ClockDriftTerms = ClockDriftTerms()
    feed_in_at_night: NightTerms = NightTerms()
    clear_sky: ClearSkyTerms = ClearSkyTerms()
    swapped: SwappedTerms = SwappedTerms()
    load_follows_sun: SunFollowerTerms = SunFollowerTerms()
    estimation: EstimationTerms = EstimationTerms()
    left_out: frozenset[str] = frozenset()
    treatments: Mapping[str, Treatment] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for TOML and JSON; ``from_dict`` gives the same terms again."""
        tables: dict[str, Any] = {name: dataclasses.asdict(getattr(self, name)) for name in _TABLES}
        tables["left_out"] = sorted(self.left_out)
        tables["treatments"] = {rule: self.treatments[rule].value for rule in sorted(self.treatments)}
        return tables

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], rules: frozenset[str] | None = None) -> ConformityTerms:
        """Build terms from plain data.

        Args:
            data: A table of parameters by rule (``zero_run``, ...), ``left_out`` and ``treatments``; what is absent
                keeps its default.
            rules: Ids that ``left_out`` and ``treatments`` may name; None for those of the registry.

        Raises:
            ConformityError: Naming the table, the parameter, the value and what it may be.
        """
        if rules is None:
            from backend.metering.conformity.rules import RULES

            rules = frozenset(RULES)
        built: dict[str, Any] = {}
        for name, value in data.items():
            if name in _TABLES:
                built[name] = _read_table(name, value)
            elif name == "left_out":
                built[name] = frozenset(_known(rule, rules, name) for rule in _listed(value))
            elif name == "treatments":
                if not isinstance(value, Mapping):
                    raise ConformityError(
                        f"conformity.treatments is {value!r}; write a table of treatment by rule."
                    )
                built[name] = {
                    _known(rule, rules, name): _treatment(rule, word) for rule, word in value.items()
                }
            else:
                tables = ", ".join([*_TABLES, "left_out", "treatments"])
                raise ConformityError(f"conformity has no table {name!r}; there are {tables}.")
        return cls(**built)


_TABLES: dict[str, type[Any]] = {
    one.name: type(one.default)
    for one in dataclasses.fields(ConformityTerms)
    if one.name not in {"left_out", "treatments"}
}


def _read_table(name: str, value: object) -> Any:
    if not isinstance(value, Mapping):
        raise ConformityError(f"conformity.{name} is {value!r}; write a table of its parameters.")
    parameters = {one.name: one for one in dataclasses.fields(_TABLES[name])}
    for key, number in value.items():
        if key not in parameters:
            raise ConformityError(
                f"conformity.{name} has no parameter {key!r}; there are {', '.join(parameters)}."
            )
        choices = parameters[key].metadata.get("choices")
        if choices is not None:
            if number not in choices:
                raise ConformityError(
                    f"conformity.{name}.{key} is {number!r}; write one of {', '.join(choices)}."
                )
            continue
        least, most = parameters[key].metadata["least"], parameters[key].metadata["most"]
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
            raise ConformityError(
                f"conformity.{name}.{key} is {number!r}; write a whole number from {least} to {most}."
            )
    return _TABLES[name](**value)


def _listed(value: object) -> list[object]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise ConformityError(f"conformity.left_out is {value!r}; write a list of rules.")
    return list(value)


def _known(rule: object, rules: frozenset[str], where: str) -> str:
    if not isinstance(rule, str) or rule not in rules:
        raise ConformityError(f"conformity.{where} names {rule!r}; the rules are {', '.join(sorted(rules))}.")
    return rule


def _treatment(rule: str, word: object) -> Treatment:
    try:
        return Treatment(word)
    except ValueError:
        words = ", ".join(one.value for one in Treatment)
        raise ConformityError(f"conformity.treatments.{rule} is {word!r}; write one of {words}.") from None
