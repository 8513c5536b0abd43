"""Contests: what of a run can be refuted, the proof of it, what it shows to everyone for ever, and sending it.

``replay`` says where a run differs from its readings. ``AnchoredRun`` holds the trees as they were anchored;
``find_contest`` builds the proofs that concern a difference, cheapest first, and asks the contract before anything is
shown; ``describe`` says in words what a proof would show; ``send_contest`` sends it with the watcher's key.
"""

from backend.services.contests.anchored import AnchoredRun
from backend.services.contests.estimate_proofs import is_profiled
from backend.services.contests.finding import CONTESTS, candidates, find_contest, try_contest
from backend.services.contests.looking import Look, look_at, place_of
from backend.services.contests.proofs import Proof
from backend.services.contests.running import anchored_run, send_contest
from backend.services.contests.words import describe

__all__ = [
    "CONTESTS",
    "AnchoredRun",
    "Look",
    "Proof",
    "anchored_run",
    "candidates",
    "describe",
    "find_contest",
    "is_profiled",
    "look_at",
    "place_of",
    "send_contest",
    "try_contest",
]
