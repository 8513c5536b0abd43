"""The rule that members vote: sharing key, tariff, conformity limits, contest window."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum, IntFlag
from typing import TYPE_CHECKING

from backend.community.vat import VatStatus
from backend.errors import SharingKeyError, TariffError
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from backend.metering.conformity import ConformityTerms

__all__ = [
    "AllocationSource",
    "Biller",
    "ConformityLimits",
    "GapTreatment",
    "LinkCap",
    "LinkTerms",
    "PriceWindow",
    "Pricing",
    "Rule",
    "Seller",
    "SharingKeyChoice",
    "Tariff",
    "Tier",
]

BANDS_MAX = 4
_DAY_MINUTES = 24 * 60


class Biller(IntFlag):
    """What the community bills itself, the ``billed_by`` mask of docs/protocol.md section 9; the rest informs."""

    NOTHING = 0
    SHARED = 1
    RESIDUAL = 2
    NETWORK = 4
    SURPLUS = 8


class Pricing(IntEnum):
    """What shared energy costs, interval by interval (docs/protocol.md section 8). The value is the one on chain."""

    UNIFORM = 0
    MID_MARKET = 1
    SUPPLY_DEMAND = 2
    PRODUCER = 3


class Seller(IntEnum):
    """Who sells the shared energy. The value is the one on chain."""

    COMMUNITY = 0
    PRODUCER = 1  # each its own; the community invoices in its name


class AllocationSource(IntEnum):
    """Whose allocation binds. The value is the one on chain."""

    COMPUTED = 0
    OPERATOR = 1


class GapTreatment(Enum):
    """What becomes of consumption that was not measured."""

    ESTIMATE = "estimate"
    RESIDUAL = "residual"  # left to residual supply: no energy is allocated to it here
    RETURN = (
        "return"  # the operator has to deliver it: a batch with more gaps than the limits allow is refused
    )


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a priority key: who is served before the next.

    Attributes:
        method: ``dynamic``, ``static``, ``equal``, ``static_cascade`` or ``hybrid``.
        points: Consumption points; empty in the last tier alone, which takes everyone not named before.
    """

    method: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkCap:
    """The most that may flow from a producer's point to a consumer's; 0 forbids the link. [W]"""

    producer: str
    consumer: str
    max_power_watts: int


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """What the ``flow`` key knows of the links between producers and consumers.

    Attributes:
        own_first: A participant's feed-in serves its own consumption before others, free of charge.
        preferences: (consumer point, producer point) that the consumer wants first.
        donations: (producer point, consumer point) on which energy is given, not sold; served after own.
        caps: Links of limited power.
        fairness_steps: Steps into which each consumer's demand is cut so that all are served alike.
        costs: What breaks ties, in order: ``distance``, ``phase``, ``feeder``.
    """

    own_first: bool = True
    preferences: tuple[tuple[str, str], ...] = ()
    donations: tuple[tuple[str, str], ...] = ()
    caps: tuple[LinkCap, ...] = ()
    fairness_steps: int = 8
    costs: tuple[str, ...] = ("distance",)


@dataclass(frozen=True, slots=True)
class SharingKeyChoice:
    """A sharing key and its parameters.

    Attributes:
        method: Name in the law book, such as ``dynamic`` or ``static``.
        coefficients_ppm: Sharing coefficient by consumption point, for keys that have them. [ppm]
        surplus_owner: Who owns what the key leaves: ``producer`` or ``consumer``.
        pairs_ppm: Of ``pairwise``: producer's point, consumer's point, part of that producer's feed-in. [ppm]
        tiers: Of ``priority``, in order of service.
        producer_coefficients_ppm: Producer key: whose feed-in is shared first where there is more than is used. [ppm]
        schedule: Of ``scheduled``: ``ahead`` or ``after``; when the coefficients are handed in.
        links: Of ``flow``.
    """

    method: str
    coefficients_ppm: Mapping[str, int] = field(default_factory=dict)
    surplus_owner: str = "producer"
    pairs_ppm: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tiers: tuple[Tier, ...] = ()
    producer_coefficients_ppm: Mapping[str, int] = field(default_factory=dict)
    schedule: str = ""
    links: LinkTerms | None = None

    def __post_init__(self) -> None:
        _check_parts(self.coefficients_ppm, "the coefficients")
        for producer, parts in self.pairs_ppm.items():
            _check_parts(parts, f"the parts of {producer}")

    def named_points(self) -> Iterator[tuple[str, str]]:
        """(parameter, metering point) of every point that the key names."""
        named: dict[str, Iterable[str]] = {
            "coefficients_ppm": self.coefficients_ppm,
            "pairs_ppm": [*self.pairs_ppm, *(point for parts in self.pairs_ppm.values() for point in parts)],
            "tiers": [point for tier in self.tiers for point in tier.points],
            "producer_coefficients_ppm": self.producer_coefficients_ppm,
        }
        if self.links is not None:
            pairs = (*self.links.preferences, *self.links.donations)
            caps = [point for cap in self.links.caps for point in (cap.producer, cap.consumer)]
            named["links"] = [*(point for pair in pairs for point in pair), *caps]
        for parameter, points in named.items():
            for point in points:
                yield parameter, point


def _check_parts(parts: Mapping[str, int], what: str) -> None:
    for point, part in parts.items():
        if not 0 <= part <= PARTS_PER_MILLION:
            raise SharingKeyError(f"coefficient of {point} is {part} ppm; it lies in 0 to 1000000.")
    total = sum(parts.values())
    if total > PARTS_PER_MILLION:
        excess = total - PARTS_PER_MILLION
        raise SharingKeyError(f"{what} sum to {total} ppm, above 1000000; lower them by {excess}.")


@dataclass(frozen=True, slots=True)
class PriceWindow:
    """Local time of day [start, end) of a tariff band. [min after local midnight]"""

    start_minute: int
    end_minute: int
    band: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """Unit prices net of VAT, and who bills what.

    Attributes:
        shared_price: Consumer to producers, per allocated energy. [µEUR/kWh]
        residual_prices: By band, at most four. [µEUR/kWh]
        windows: Cover the local day from minute 0 to 1440 in order.
        surplus_price: Offtaker to producer. [µEUR/kWh]
        network_price: Consumer to grid operator, per consumption. [µEUR/kWh]
        network_shared_price: The same for allocated energy; None where it is no other. [µEUR/kWh]
        excise_price: On residual supply. [µEUR/kWh]
        excise_shared_price: On allocated energy; 0 where exempt. [µEUR/kWh]
        premium_consumption_price: Incentive to consumers per virtually shared energy. [µEUR/kWh]
        premium_feed_in_price: Incentive to producers per virtually shared energy. [µEUR/kWh]
        pricing: How the price of shared energy comes about.
        producer_prices: By feed-in point, for ``Pricing.PRODUCER``. [µEUR/kWh]
        seller: Of the shared energy.
        monthly_fee: Participant to community, per period. [cents]
        vat_ppm: VAT rate of those who owe it. [ppm]
        vat_status: Of the community as a seller.
        billed_by_community: Lines that the community itself bills.
    """

    shared_price: int
    residual_prices: tuple[int, ...]
    windows: tuple[PriceWindow, ...]
    surplus_price: int
    network_price: int
    monthly_fee: int = 0
    vat_ppm: int = 0
    vat_status: VatStatus = VatStatus.PRIVATE
    billed_by_community: Biller = Biller.SHARED
    network_shared_price: int | None = None
    excise_price: int = 0
    excise_shared_price: int = 0
    premium_consumption_price: int = 0
    premium_feed_in_price: int = 0
    pricing: Pricing = Pricing.UNIFORM
    producer_prices: Mapping[str, int] = field(default_factory=dict)
    seller: Seller = Seller.COMMUNITY

    def __post_init__(self) -> None:
        if not 1 <= len(self.residual_prices) <= BANDS_MAX:
            raise TariffError(
                f"residual_price has {len(self.residual_prices)} distinct prices; up to {BANDS_MAX} are possible."
            )
        if not 0 <= self.vat_ppm <= PARTS_PER_MILLION:
            raise TariffError(f"vat_ppm is {self.vat_ppm}; it lies in 0 to 1000000.")
        expected = 0
        for window in self.windows:
            if window.start_minute != expected or window.end_minute <= window.start_minute:
                raise TariffError(
                    "the price windows must cover the day without gap or overlap: "
                    f"one starts at minute {window.start_minute}, {expected} was due."
                )
            if not 0 <= window.band < len(self.residual_prices):
                raise TariffError(
                    f"a window names band {window.band}, but there are {len(self.residual_prices)}."
                )
            expected = window.end_minute
        if expected != _DAY_MINUTES:
            raise TariffError(
                f"the price windows end at minute {expected} of the day; the last must end at 24:00."
            )

    @property
    def parts_network(self) -> bool:
        """Does the network cost another price for allocated energy?"""
        return self.network_shared_price not in {None, self.network_price}

    def band_at(self, local_minute: int) -> int:
        """Tariff band of a local minute of the day."""
        for window in self.windows:
            if window.start_minute <= local_minute < window.end_minute:
                return window.band
        raise AssertionError(local_minute)


def _own_terms() -> ConformityTerms:
    """Those of the software. The rules bring NumPy, which only those who build a rule should wait for."""
    from backend.metering.conformity import ConformityTerms

    return ConformityTerms()


@dataclass(frozen=True, slots=True)
class ConformityLimits:
    """What a batch may hold, enforced by contract, what becomes of gaps, and by what terms readings are checked.

    Attributes:
        max_estimated_ppm: Of all readings of a batch. [ppm]
        max_missing_ppm: Of all readings of a batch. [ppm]
        gaps: Treatment of consumption that was not measured.
        terms: Parameters of the conformity rules, those that are left out, treatments.
    """

    max_estimated_ppm: int = 50_000
    max_missing_ppm: int = 200_000
    gaps: GapTreatment = GapTreatment.ESTIMATE
    terms: ConformityTerms = field(default_factory=_own_terms)


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of what the members decided; it holds from a period's start.

    Attributes:
        sharing_key: Method and parameters.
        tariff: Prices.
        limits: Conformity.
        contest_window_seconds: How long a run and its bills can be contested; None where the deployment's default
            holds (0 on the embedded chain, 168 h elsewhere). [s]
        source: Whose allocation binds; the grid operator's is imported, ours explains it.
    """

    sharing_key: SharingKeyChoice
    tariff: Tariff
    limits: ConformityLimits = field(default_factory=ConformityLimits)
    contest_window_seconds: int | None = None
    source: AllocationSource = AllocationSource.COMPUTED

    def check_points(self, points: Sequence[str]) -> None:
        """Refuse a rule that speaks of points which the community does not have.

        Raises:
            SharingKeyError: Naming the first unknown point.
        """
        known = set(points)
        named = [
            *self.sharing_key.named_points(),
            *(("producer_prices", p) for p in self.tariff.producer_prices),
        ]
        for parameter, point in named:
            if point not in known:
                raise SharingKeyError(
                    f"{parameter} names metering point {point!r}, which is not in the community."
                )
