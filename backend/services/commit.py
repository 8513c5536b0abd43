"""From records to trees: what the commitments room needs, taken from what a period froze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.commitments import (
    Activity,
    BatchTree,
    BillFigures,
    BillTree,
    ClassesTree,
    CoefficientsTree,
    CostsTree,
    IntervalFlows,
    Readings,
    RunTree,
    SaltKeys,
    SettledIntervals,
    TreeShape,
    build_batch_tree,
    build_bill_tree,
    build_classes_tree,
    build_coefficients_tree,
    build_costs_tree,
    build_run_tree,
    form_terms_id,
)
from backend.community import Direction, Pricing, Seller

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.commitments import LinkCosts
    from backend.community import Rule
    from backend.ports import AllocationFrame, PeriodRecord, SlotKey

__all__ = ["PeriodCommitments", "active_days", "bytes_of", "directions_of", "hex_of"]

_KEY_BYTES = 32


def bytes_of(text: str) -> bytes:
    """Bytes of 0x-hex."""
    return bytes.fromhex(text.removeprefix("0x"))


def hex_of(value: bytes) -> str:
    """0x-hex of bytes."""
    return "0x" + value.hex()


def directions_of(record: PeriodRecord) -> list[Direction | None]:
    """Direction of every slot of a period, None where it has no point."""
    directions: list[Direction | None] = [None] * record.slots
    for term in record.terms:
        directions[term["slot"]] = Direction(term["direction"])
    return directions


def active_days(record: PeriodRecord) -> NDArray[np.bool_]:
    """Days on which each slot is a member. Shape (slots, days)."""
    active = np.zeros((record.slots, record.days), np.bool_)
    for term in record.terms:
        active[term["slot"], term["from_day"] : term["until_day"]] = True
    return active


class PeriodCommitments:
    """Commits to what happens in one period.

    Args:
        anchor: The community on chain, 0x-hex.
        record: What the period froze; its classes root may be empty still.
        keys: Of its slots.
        intervals: Of each civil day.
    """

    def __init__(
        self, anchor: str, record: PeriodRecord, keys: Sequence[SlotKey], intervals: Sequence[int]
    ) -> None:
        direction = np.zeros(record.slots, np.uint8)
        for term in record.terms:
            direction[term["slot"]] = term["direction"]
        shape = TreeShape(record.slots, tuple(intervals))
        self._record = record
        self._activity = Activity(shape, active_days(record), direction)
        rows = np.zeros((record.slots, _KEY_BYTES), np.uint8)
        for key in keys:
            rows[key.slot] = np.frombuffer(bytes_of(key.key), np.uint8)
        self._keys = SaltKeys(bytes_of(anchor), rows, bytes_of(record.auditors_key))

    def classes(self) -> ClassesTree:
        """Commit to the VAT and network class of each slot."""
        vat_class, network_class = np.zeros((2, self._record.slots), np.uint8)
        for term in self._record.terms:
            vat_class[term["slot"]] = term["vat_class"]
            network_class[term["slot"]] = term["network_class"]
        terms_id = form_terms_id(self._keys.community, self._record.period)
        return build_classes_tree(self._activity, self._keys, terms_id, vat_class, network_class)

    def batch(
        self,
        batch_id: bytes,
        energy: NDArray[np.int64],
        quality: NDArray[np.uint8],
        source: NDArray[np.uint8],
    ) -> BatchTree:
        """Commit to readings. Shapes (slots, T)."""
        return build_batch_tree(self._activity, self._keys, batch_id, Readings(energy, quality, source))

    def run(
        self,
        run_id: bytes,
        frame: AllocationFrame,
        bands: Sequence[int],
        rule: Rule,
        *,
        conserving: bool = True,
    ) -> RunTree:
        """Commit to a run's rows.

        Without ``conserving``, to whatever they are, so that a verifier can say what is wrong.
        """
        flows = None
        if frame.link_flows is not None and frame.potentials is not None:
            flows = IntervalFlows(frame.link_flows, frame.potentials)
        settled = SettledIntervals(
            energy=frame.energy,
            allocated=frame.allocated,
            quality=frame.quality,
            tau=frame.tau.astype(np.uint32),
            bands=np.array(bands, np.uint8),
            value=frame.value,
            row_value=frame.row_value,
            credited=frame.credited,
            links=frame.links,
            rounds=frame.rounds,
            parts=frame.parts if flows is None else None,
            flows=flows,
            producers_sell=rule.tariff.seller is Seller.PRODUCER,
            producers_price=rule.tariff.pricing is Pricing.PRODUCER and rule.sharing_key.links is None,
        )
        return build_run_tree(self._activity, self._keys, run_id, settled, conserving=conserving)

    def coefficients(self, schedule_id: bytes, figures: NDArray[np.int64]) -> CoefficientsTree:
        """Commit to the coefficients of a schedule. Shape (slots, T)."""
        return build_coefficients_tree(self._activity, self._keys, schedule_id, figures)

    def costs(self, costs: LinkCosts) -> CostsTree:
        """Commit to what links cost."""
        terms_id = form_terms_id(self._keys.community, self._record.period)
        return build_costs_tree(self._keys, terms_id, self._record.slots, costs)

    def bills(self, run_id: bytes, amounts: Mapping[int, Mapping[str, Any]]) -> BillTree:
        """Commit to a run's bills by seat, from the anchored amounts of their contents."""
        figures = [
            BillFigures(
                seat, tuple(due["lines"]), due["vat_debit"], due["vat_credit"], due["debit"], due["credit"]
            )
            for seat, due in amounts.items()
        ]
        return build_bill_tree(self._activity, self._keys, run_id, figures)
