"""How a country's law is written down: dated values, forms of a community, and what each of them asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from backend.community.law.findings import LegalFinding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from backend.community.law.findings import Severity
    from backend.community.members import Community

__all__ = ["Condition", "Dated", "Excise", "Form", "Profile", "Provision", "Rebate", "value_on"]

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Dated(Generic[_Value]):
    """A value of the law from a date on, until the next one's.

    Attributes:
        since: First date.
        value: What holds.
        article: Where it is said.
    """

    since: date
    value: _Value
    article: str


def value_on(values: Sequence[Dated[_Value]], on: date) -> Dated[_Value] | None:
    """The value in force on a date, None before the first."""
    in_force = [value for value in values if value.since <= on]
    return max(in_force, key=lambda value: value.since) if in_force else None


class Provision(Protocol):
    """Something that the law asks of a community."""

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:
        """What is wrong or unknown on a date; nothing where it is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Condition(ABC):
    """A provision of one article, the same on every date.

    Attributes:
        article: Where it is said.
        severity: Of all that it finds.
    """

    article: str
    severity: ClassVar[Severity]

    @abstractmethod
    def messages(self, community: Community) -> Iterator[str]:
        """What is wrong or unknown, one by one."""

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:  # noqa: ARG002 -- it has no date
        """The same, as findings."""
        for message in self.messages(community):
            yield LegalFinding(self.severity, self.article, message)


@dataclass(frozen=True, slots=True)
class Rebate:
    """A reduction of the network's price for shared energy.

    Attributes:
        reduction_ppm: Of the price per kWh. [ppm]
        article: Where it is said.
    """

    reduction_ppm: int
    article: str


@dataclass(frozen=True, slots=True)
class Excise:
    """What is owed on shared energy.

    Attributes:
        exempt: Is shared energy free of it?
        article: Where it is said.
        message: On which conditions, with the values found.
    """

    exempt: bool
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form that a community may take.

    Attributes:
        name: In the country's own words.
        since: First date on which there is this form.
        article: That creates it.
        methods: Sharing keys that may be voted.
        methods_article: That says so.
        provisions: What else is asked.
    """

    name: str
    since: date
    article: str
    methods: frozenset[str]
    methods_article: str
    provisions: tuple[Provision, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A country's law.

    Attributes:
        country: ISO 3166 code.
        usual: The form that is meant where the file names none.
        forms: By the word of the community file.
        steps: Intervals that the country's meters settle by. [min]
    """

    country: str
    usual: str
    forms: Mapping[str, Form]
    steps: tuple[Dated[tuple[int, ...]], ...]
