"""Rehearsals that members ask for: one after another beside everything else, followed, cancelled, kept.

A rehearsal that was running when the service stopped is told as failed: it is asked for again, nothing goes on by
itself. What all members may see and each member's own line are kept apart; nobody is shown another's line.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.community import read_rule_form
from backend.errors import ConflictError, InputError, NotFoundError, PartageError
from backend.ports.governance_records import RehearsalRecord
from backend.services.proposal_kinds import rule_today

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backend.ports import RecordStore
    from backend.ports.readings_cache import ReadingsCache
    from backend.services.context import SettlementContext
    from backend.services.rehearse import Rehearsal

__all__ = ["MONTHS_MAX", "Rehearsals", "kept_result"]

logger = logging.getLogger(__name__)

MONTHS_MAX = 12
_ID_BYTES = 12
_KEPT_PER_USER = 5
_WAITING_MAX = 20
_OPEN = ("waiting", "running")


class _CancelledError(Exception):
    """Somebody asked a rehearsal to stop; raised in its own thread."""


class Rehearsals:
    """Rehearses what members ask for.

    Args:
        store: Where rehearsals are kept.
        context: Opens the ports; not called before a rehearsal is asked for.
        cache: Keeps assembled readings; None to read them anew each time.

    Invariants:
        - One rehearsal runs at a time, and a user has at most one that is not over.
    """

    def __init__(
        self,
        store: RecordStore,
        context: Callable[[], SettlementContext],
        cache: Callable[[], ReadingsCache] | None = None,
    ) -> None:
        self._store = store
        self._context = context
        self._cache = cache
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="rehearsal")
        self._guard = threading.Lock()
        self._progress: dict[str, float] = {}
        self._cancelled: set[str] = set()

    def ask(self, community: str, user: str, rules: Mapping[str, Any], months: int) -> RehearsalRecord:
        """Ask for a rehearsal; it begins when its turn comes.

        Raises:
            CommunityDefinitionError: If the tables do not say a rule.
            InputError: If so many months cannot be rehearsed.
            ConflictError: If the user has one that is not over, or too many are waiting.
        """
        if not 1 <= months <= MONTHS_MAX:
            raise InputError(f"{months} months cannot be rehearsed; 1 to {MONTHS_MAX} can.")
        context = self._context()
        view = context.community(community)
        read_rule_form(rules, "rules", replace(view.community, rule=rule_today(context, view)))
        record = RehearsalRecord(
            id=context.random_bytes(_ID_BYTES).hex(),
            community=community,
            user=user,
            rules=dict(rules),
            months=months,
            state="waiting",
            result={},
            result_hash="",
            problem="",
            created_utc=context.clock.now_utc(),
        )
        with self._guard:
            self._make_room(user)
            self._progress[record.id] = 0.0
            with self._store.transaction() as records:
                records.put_rehearsal(record)
        self._pool.submit(self._run, record)
        return record

    def _make_room(self, user: str) -> None:
        """Forget a user's oldest rehearsals that no proposal rests on.

        Raises:
            ConflictError: If one of theirs is not over, or too many are waiting.
        """
        with self._store.reading() as records:
            known = records.rehearsals()
            used = {one.rehearsal for place in records.communities() for one in records.proposals(place.id)}
        open_now = [one for one in known if one.id in self._progress]
        if any(one.user == user for one in open_now):
            raise ConflictError("A rehearsal of yours is not over; wait for it, or cancel it.")
        if len(open_now) >= _WAITING_MAX:
            raise ConflictError("Many rehearsals are waiting at this moment; try again later.")
        old = [one for one in known if one.user == user and one.id not in used]
        with self._store.transaction() as records:
            for one in old[: max(len(old) - _KEPT_PER_USER + 1, 0)]:
                records.remove_rehearsal(one.id)

    def _run(self, record: RehearsalRecord) -> None:
        try:
            from backend.services.rehearse import rehearse  # what replays takes a second to load

            self._stop_if_asked(record.id)
            record = self._keep(replace(record, state="running"))

            def note(done: float) -> None:
                self._stop_if_asked(record.id)
                self._progress[record.id] = done

            found = rehearse(
                self._context(),
                record.community,
                record.rules,
                record.months,
                on_progress=note,
                cache=self._cache() if self._cache else None,
            )
            result = kept_result(found)
            self._keep(replace(record, state="done", result=result, result_hash=found.result_hash))
        except _CancelledError:
            self._keep(replace(record, state="cancelled"))
        except PartageError as error:
            self._keep(replace(record, state="failed", problem=str(error)))
        except Exception:
            logger.exception("a rehearsal failed")
            self._keep(replace(record, state="failed", problem="The fault is on our side and was noted."))
        finally:
            with self._guard:
                self._progress.pop(record.id, None)
                self._cancelled.discard(record.id)

    def _stop_if_asked(self, rehearsal: str) -> None:
        if rehearsal in self._cancelled:
            raise _CancelledError

    def _keep(self, record: RehearsalRecord) -> RehearsalRecord:
        with self._store.transaction() as records:
            records.put_rehearsal(record)
        return record

    def look(self, community: str, rehearsal: str) -> tuple[RehearsalRecord, float]:
        """A rehearsal and the part of it that is done, 0 to 1.

        Raises:
            NotFoundError: If there is none of that id in the community.
        """
        progress = self._progress.get(rehearsal)  # before the record, which is written first
        with self._store.reading() as records:
            record = records.rehearsal(rehearsal)
        if record is None or record.community != community:
            raise NotFoundError(f"There is no rehearsal {rehearsal!r} here.")
        if record.state in _OPEN and progress is None:
            record = replace(
                record, state="failed", problem="The service was stopped meanwhile; rehearse again."
            )
        return record, 1.0 if record.state == "done" else progress or 0.0

    def cancel(self, community: str, rehearsal: str, user: str) -> None:
        """Stop a rehearsal of one's own; one that is over stays as it is.

        Raises:
            NotFoundError: If the user has none of that id.
        """
        record, _ = self.look(community, rehearsal)
        if record.user != user:
            raise NotFoundError(f"There is no rehearsal {rehearsal!r} of yours here.")
        with self._guard:
            if rehearsal in self._progress:
                self._cancelled.add(rehearsal)

    def close(self) -> None:
        """Stop what runs and begin nothing more."""
        with self._guard:
            self._cancelled |= set(self._progress)
        self._pool.shutdown(wait=True, cancel_futures=True)


def kept_result(found: Rehearsal) -> dict[str, Any]:
    """What is kept of a rehearsal: ``public`` for all members, and each one's own of ``lines``."""
    members = zip(found.community.participants, found.lines, strict=True)
    return {
        "public": found.as_public_dict(),
        "lines": {member.id: found.of(member.id) for member, line in members if line is not None},
    }
