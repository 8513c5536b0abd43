"""Watch the chain and every run on it: what was seen once must stay, and what is wrong is contested.

The head of the chain is pinned in the records: height, hash and time. A chain that no longer has a pinned block forgot
it, which a watcher says in red. Every run and its bills are replayed once per root; nothing is attested here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import NotFoundError, PartageError
from backend.ports import RunState
from backend.services.contests.looking import look_at
from backend.services.contests.running import WATCHER, send_contest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.ports import RunRecord
    from backend.services.context import SettlementContext

__all__ = ["Sighting", "is_red", "watch_once"]

_PIN = "watch/head"
_SEEN = "watch/run/{}"
_CLOCK_SECONDS_MAX = 900
_OPEN = (RunState.CONTESTABLE, RunState.FINAL)
_STATES = {
    0: RunState.PREPARED,
    1: RunState.CONTESTABLE,
    2: RunState.FINAL,
    3: RunState.SUPERSEDED,
    4: RunState.VOIDED,
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that a watcher saw.

    Attributes:
        kind: ``head``: the chain goes on; ``forgotten``: it lacks what was pinned; ``clock``: its time is far off;
            ``holds``: a run is what its readings give; ``contested``: it is not, and was voided; ``unproved``: it is
            not, and no contest proves it; ``unseen``: it could not be replayed.
        subject: Community and period, or the block.
        message: In words.
    """

    kind: str
    subject: str
    message: str


def is_red(sightings: list[Sighting]) -> bool:
    """Is there anything that somebody has to look at?"""
    return any(sighting.kind in {"forgotten", "unproved", "unseen"} for sighting in sightings)


def watch_once(context: SettlementContext, by: str = WATCHER) -> list[Sighting]:
    """Look at the chain's head and at every run that was not seen yet, and contest what is wrong.

    Args:
        context: Ports.
        by: Name of the key that sends proofs.
    """
    found = list(_watch_head(context))
    if any(sighting.kind == "forgotten" for sighting in found):
        return found  # what is read from such a chain says nothing
    with context.store.reading() as records:
        runs = [run for community in records.communities() for run in records.runs(community.id)]
    for run in runs:
        found += _watch_run(context, run, by)
    return found


def _watch_head(context: SettlementContext) -> Iterator[Sighting]:
    with context.store.reading() as records:
        pinned: dict[str, Any] | None = records.fact(_PIN)
    if pinned is not None:
        there = context.chain.rpc("eth_getBlockByNumber", [hex(pinned["height"]), False])
        if there is None or there["hash"] != pinned["hash"]:
            what = "no such block" if there is None else f"another one, {there['hash'][:10]}..."
            yield Sighting(
                "forgotten",
                f"block {pinned['height']}",
                f"the chain forgot block {pinned['height']} ({pinned['hash'][:10]}...), which was seen at "
                f"{pinned['seen']}: it has {what}. Do not trust it; ask another node, or restore the chain from a "
                "backup.",
            )
            return
    head = context.chain.rpc("eth_getBlockByNumber", ["latest", False])
    height, told, now = int(head["number"], 16), int(head["timestamp"], 16), context.clock.now_utc()
    with context.store.transaction() as records:
        records.put_fact(_PIN, {"height": height, "hash": head["hash"], "time": told, "seen": now})
    yield Sighting("head", f"block {height}", f"pinned {head['hash'][:10]}...")
    if told - now > _CLOCK_SECONDS_MAX:
        yield Sighting(
            "clock",
            f"block {height}",
            f"the chain's time is {told - now} s ahead of this machine's: windows end earlier than they should. Set "
            "the clock, or ask another node.",
        )


def _watch_run(context: SettlementContext, run: RunRecord, by: str) -> Iterator[Sighting]:
    state = _STATES[context.chain.read("settlement_ledger", "run", run.run_id)["state"]]
    mark = f"{run.root}{run.bill_root}"
    with context.store.reading() as records:
        seen = records.fact(_SEEN.format(run.run_id))
    if state not in _OPEN or seen == mark:
        return
    subject = f"{run.community} {run.period} run {run.version}"
    try:
        look = look_at(context, run, by=by)
    except NotFoundError as error:
        yield Sighting("unseen", subject, str(error))
        return
    except PartageError as error:
        yield Sighting("unseen", subject, f"it cannot be shared again: {error}")
        return
    differences = look.replay.differences
    if look.proof is not None:
        send_contest(context, run, look.proof, by)
        yield Sighting(
            "contested", subject, f"{look.reason}; shown: {', '.join(look.shown) or 'hashes alone'}"
        )
    elif differences:
        first = differences[0]
        yield Sighting(
            "unproved",
            subject,
            f"{len(differences)} differences, first {first.what} {first.field or first.place}; no contest proves it.",
        )
        return  # looked at again the next time
    else:
        yield Sighting("holds", subject, "rebuilt from its readings")
    with context.store.transaction() as records:
        records.put_fact(_SEEN.format(run.run_id), mark)
