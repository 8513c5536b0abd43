"""A rule as ``RuleBook.Rule`` (docs/protocol.md section 10), and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.community import (
    Biller,
    ConformityLimits,
    GapTreatment,
    PriceWindow,
    Rule,
    SharingKeyChoice,
    Tariff,
    VatStatus,
)
from backend.errors import SharingKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["METHOD_CODES", "decode_rule", "encode_rule"]

METHOD_CODES = {"dynamic": 1, "static": 2}
_SURPLUS_OWNERS = {"producer": 0}
_BANDS = 4
_DAY_MINUTES = 24 * 60


def encode_rule(
    rule: Rule, slots: Mapping[str, int], *, effective_from: int, contest_window_seconds: int
) -> dict[str, Any]:
    """A rule as the struct that the contract takes.

    Args:
        rule: What was decided.
        slots: Slot by metering point id, for the coefficients.
        effective_from: Period id from which it holds. [days since 1970-01-01]
        contest_window_seconds: Where the rule leaves it to the deployment. [s]

    Returns:
        The struct by field name, and ``gaps``, which is ours alone.

    Raises:
        SharingKeyError: If the method is not one that the contracts know.
    """
    key, tariff = rule.sharing_key, rule.tariff
    if key.method not in METHOD_CODES:
        raise SharingKeyError(
            f"sharing key {key.method!r} is not in the law book; use one of {', '.join(METHOD_CODES)}."
        )
    window = rule.contest_window_seconds
    return {
        "effectiveFrom": effective_from,
        "method": METHOD_CODES[key.method],
        "surplusOwner": _SURPLUS_OWNERS[key.surplus_owner],
        "contestWindowSeconds": contest_window_seconds if window is None else window,
        "limits": {
            "maxEstimatedPpm": rule.limits.max_estimated_ppm,
            "maxMissingPpm": rule.limits.max_missing_ppm,
        },
        "tariff": {
            "residualPrice": [*tariff.residual_prices, *[0] * (_BANDS - len(tariff.residual_prices))],
            "sharedPrice": tariff.shared_price,
            "surplusPrice": tariff.surplus_price,
            "networkPrice": tariff.network_price,
            "monthlyFee": tariff.monthly_fee,
            "vatPpm": tariff.vat_ppm,
            "communityVatClass": int(tariff.vat_status),
            "billedBy": int(tariff.billed_by_community),
            "windows": [window.start_minute << 8 | window.band for window in tariff.windows],
        },
        "coefficientsPpm": _encode_coefficients(key, slots),
        "gaps": rule.limits.gaps.value,
    }


def _encode_coefficients(key: SharingKeyChoice, slots: Mapping[str, int]) -> list[int]:
    if not key.coefficients_ppm:
        return []
    coefficients = [0] * (max(slots[point] for point in key.coefficients_ppm) + 1)
    for point, coefficient in key.coefficients_ppm.items():
        coefficients[slots[point]] = coefficient
    return coefficients


def decode_rule(struct: Mapping[str, Any], points: Mapping[int, str]) -> Rule:
    """The rule that a struct states.

    Args:
        struct: As ``encode_rule`` made it.
        points: Metering point id by slot.
    """
    tariff = struct["tariff"]
    methods = {code: name for name, code in METHOD_CODES.items()}
    owners = {code: name for name, code in _SURPLUS_OWNERS.items()}
    starts = [(packed >> 8, packed & 0xFF) for packed in tariff["windows"]]
    ends = [start for start, _ in starts[1:]] + [_DAY_MINUTES]
    bands = max(band for _, band in starts) + 1
    return Rule(
        sharing_key=SharingKeyChoice(
            method=methods[struct["method"]],
            coefficients_ppm={
                points[slot]: coefficient
                for slot, coefficient in enumerate(struct["coefficientsPpm"])
                if coefficient and slot in points
            },
            surplus_owner=owners[struct["surplusOwner"]],
        ),
        tariff=Tariff(
            shared_price=tariff["sharedPrice"],
            residual_prices=tuple(tariff["residualPrice"][:bands]),
            windows=tuple(
                PriceWindow(start, end, band) for (start, band), end in zip(starts, ends, strict=True)
            ),
            surplus_price=tariff["surplusPrice"],
            network_price=tariff["networkPrice"],
            monthly_fee=tariff["monthlyFee"],
            vat_ppm=tariff["vatPpm"],
            vat_status=VatStatus(tariff["communityVatClass"]),
            billed_by_community=Biller(tariff["billedBy"]),
        ),
        limits=ConformityLimits(
            max_estimated_ppm=struct["limits"]["maxEstimatedPpm"],
            max_missing_ppm=struct["limits"]["maxMissingPpm"],
            gaps=GapTreatment(struct["gaps"]),
        ),
        contest_window_seconds=struct["contestWindowSeconds"],
    )
