"""The independent verifier: one bundle, or the dossier of one case, one chain, one verdict.

It forms every salt, leaf, tree, allocation and bill of ``docs/protocol.md`` with code of its own, so that a fault in
``backend.commitments`` or ``backend.allocation`` cannot hide itself; of the backend it knows the errors and Keccak.
The contracts' code is held against ``contracts/artifacts``, which anyone can compile again.
The standard library does the rest: it can be read in an hour and run anywhere. The trust it asks for is in the node
that answers: use one's own.

Energies are milliwatt-hours [mWh], amounts cents, prices micro-euro per kilowatt-hour.
"""

from backend.verifier.bundle import Bundle, load_bundle, parse_bundle
from backend.verifier.chain import Call, ChainFacts, read_chain
from backend.verifier.dossier import Dossier, is_dossier, load_dossier
from backend.verifier.dossier_chain import DossierVerdict, verify_dossier
from backend.verifier.pins import Pins, load_pins
from backend.verifier.rpc import http_call
from backend.verifier.verdict import Check, Place, Verdict
from backend.verifier.verification import verify, verify_against

__all__ = [
    "Bundle",
    "Call",
    "ChainFacts",
    "Check",
    "Dossier",
    "DossierVerdict",
    "Pins",
    "Place",
    "Verdict",
    "http_call",
    "is_dossier",
    "load_bundle",
    "load_dossier",
    "load_pins",
    "parse_bundle",
    "read_chain",
    "verify",
    "verify_against",
    "verify_dossier",
]
