"""The rule that members vote: sharing key, tariff, conformity limits, contest window."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntFlag
from typing import TYPE_CHECKING

from backend.community.vat import VatStatus
from backend.errors import SharingKeyError, TariffError
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Biller", "ConformityLimits", "GapTreatment", "PriceWindow", "Rule", "SharingKeyChoice", "Tariff"]

BANDS_MAX = 4
_DAY_MINUTES = 24 * 60


class Biller(IntFlag):
    """What the community bills itself, the ``billed_by`` mask of docs/protocol.md section 9; the rest informs."""

    NOTHING = 0
    SHARED = 1
    RESIDUAL = 2
    NETWORK = 4
    SURPLUS = 8


class GapTreatment(Enum):
    """What becomes of consumption that was not measured."""

    ESTIMATE = "estimate"
    RESIDUAL = "residual"  # left to residual supply: no energy is allocated to it here


@dataclass(frozen=True, slots=True)
class SharingKeyChoice:
    """A sharing key and its parameters.

    Attributes:
        method: Name in the law book, such as ``dynamic`` or ``static``.
        coefficients_ppm: Sharing coefficient by metering point, for keys that have them. [ppm]
        surplus_owner: Who owns what the key leaves: ``producer``.
    """

    method: str
    coefficients_ppm: Mapping[str, int] = field(default_factory=dict)
    surplus_owner: str = "producer"

    def __post_init__(self) -> None:
        for point, coefficient in self.coefficients_ppm.items():
            if not 0 <= coefficient <= PARTS_PER_MILLION:
                raise SharingKeyError(
                    f"coefficient of {point} is {coefficient} ppm; it lies in 0 to 1000000."
                )
        total = sum(self.coefficients_ppm.values())
        if total > PARTS_PER_MILLION:
            excess = total - PARTS_PER_MILLION
            raise SharingKeyError(
                f"the coefficients sum to {total} ppm, above 1000000; lower them by {excess}."
            )


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

    def band_at(self, local_minute: int) -> int:
        """Tariff band of a local minute of the day."""
        for window in self.windows:
            if window.start_minute <= local_minute < window.end_minute:
                return window.band
        raise AssertionError(local_minute)


@dataclass(frozen=True, slots=True)
class ConformityLimits:
    """What a batch may hold, enforced by contract, and what becomes of gaps.

    Attributes:
        max_estimated_ppm: Of all readings of a batch. [ppm]
        max_missing_ppm: Of all readings of a batch. [ppm]
        gaps: Treatment of consumption that was not measured.
    """

    max_estimated_ppm: int = 50_000
    max_missing_ppm: int = 200_000
    gaps: GapTreatment = GapTreatment.ESTIMATE


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of what the members decided; it holds from a period's start.

    Attributes:
        sharing_key: Method and parameters.
        tariff: Prices.
        limits: Conformity.
        contest_window_seconds: How long a run and its bills can be contested; None where the deployment's default
            holds (0 on the embedded chain, 168 h elsewhere). [s]
    """

    sharing_key: SharingKeyChoice
    tariff: Tariff
    limits: ConformityLimits = ConformityLimits()
    contest_window_seconds: int | None = None

    def check_points(self, points: Sequence[str]) -> None:
        """Refuse coefficients of points that the community does not have.

        Raises:
            SharingKeyError: Naming the first unknown point.
        """
        known = set(points)
        for point in self.sharing_key.coefficients_ppm:
            if point not in known:
                raise SharingKeyError(
                    f"coefficients_ppm names metering point {point!r}, which is not in the community."
                )
