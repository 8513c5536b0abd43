"""Whether what a call would do stands already: some calls anyone may send, and a stranger may have sent ours first.

The operator's confirmation and the importer's batch carry their own signatures, and to finalise needs none. Whoever
copies such a call out of the air brings about just what we want, and the contract then refuses ours as done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backend.ports import ChainGateway, ContractCall

__all__ = ["stands"]

_FINAL, _SUPERSEDED = 2, 3
_POINT_FIELDS = ("direction", "factorPpm", "fromDay", "untilDay", "tag")
_BATCH_FIELDS = ("version", "root", "measured", "estimated", "missing", "label", "source")


def stands(chain: ChainGateway, call: ContractCall) -> bool:
    """Is what the call would do done, by whomever?

    Calls that only our own keys can make never are.
    """
    ask = _QUESTIONS.get((call.contract, call.function))
    return ask is not None and ask(chain, *call.arguments)


def _are_confirmed(chain: ChainGateway, community: str, period: int, points: Any, _signature: str) -> bool:
    return all(
        _agree(chain.read("registry", "point", community, period, point["slot"]), point, _POINT_FIELDS)
        for point in points
    )


def _is_submitted(chain: ChainGateway, batch: Mapping[str, Any], _signature: str) -> bool:
    latest = chain.read("meter_data_ledger", "latestBatch", batch["community"], batch["period"])
    return _agree(chain.read("meter_data_ledger", "batch", latest), batch, _BATCH_FIELDS)


def _is_final(chain: ChainGateway, run_id: str) -> bool:
    return chain.read("settlement_ledger", "run", run_id)["state"] in {_FINAL, _SUPERSEDED}


def _are_final(chain: ChainGateway, run_id: str) -> bool:
    return chain.read("billing_ledger", "bills", run_id)["state"] in {_FINAL, _SUPERSEDED}


def _is_attested(chain: ChainGateway, run_id: str) -> bool:
    return int(chain.read("settlement_ledger", "run", run_id)["attestedBy"], 16) != 0


def _is_released(chain: ChainGateway, ledger: str, run_id: str) -> bool:
    return int(chain.read("bonds", "lockedOf", ledger, run_id)[1]) == 0


def _agree(there: Mapping[str, Any], given: Mapping[str, Any], fields: tuple[str, ...]) -> bool:
    return all(there[field] == given[field] for field in fields)


_QUESTIONS: dict[tuple[str, str], Callable[..., bool]] = {
    ("registry", "confirmPoints"): _are_confirmed,
    ("meter_data_ledger", "submitBatch"): _is_submitted,
    ("settlement_ledger", "finalise"): _is_final,
    ("billing_ledger", "finalise"): _are_final,
    ("settlement_ledger", "attest"): _is_attested,
    ("bonds", "release"): _is_released,
}
