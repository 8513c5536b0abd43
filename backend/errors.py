"""Every error that Partage raises for the world's faults, in one tree.

Our own mistakes are ``assert``; these are for files, people, nodes and clocks. A message says what is wrong, where,
with which value, and what to do. No HTTP status lives below ``backend.api.problems``.

    PartageError
    ├── InputError                    a value from outside does not fit
    │   ├── CommunityDefinitionError  a community file
    │   ├── ReadingsError             a meter file; carries its findings
    │   ├── SharingKeyError           a sharing key's parameters
    │   ├── TariffError               a price, a rate, a window
    │   ├── NetworkError              a network's file, or what contradicts itself in it; carries its faults
    │   ├── PowerFlowError            a power flow that finds no solution, or one that is none
    │   └── PeriodError               a period that is malformed or outside the data
    ├── NotFoundError                 a community, period, participant, bill that is not there
    ├── ConflictError                 what is asked contradicts what is stored
    ├── ConformityError               readings that the rules in force refuse
    ├── BalanceError                  energy or money that does not balance: the program stops
    ├── StoreError                    the store cannot be read or written
    │   └── StoreBusyError            another process holds it
    ├── ChainError                    the chain
    │   ├── ChainUnavailableError     no answer, or not the chain that was meant
    │   ├── ChainBusyError            another process is writing
    │   ├── TransactionRefusedError   no block can take it: its nonce, its signature, its funds
    │   └── ContractRefusal           a contract's custom error, in words
    ├── VerificationError             a bundle that cannot be read as one
    ├── AccessError                   who asks may not
    │   ├── AuthenticationError       not logged in, or wrongly
    │   ├── TooManyAttemptsError      guessing, or too much at once: wait
    │   └── PermissionDeniedError     logged in, but neither owner nor role nor consent
    └── MissingToolError              a browser, a compiler, an optional package that is not installed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "AccessError",
    "AuthenticationError",
    "BalanceError",
    "ChainBusyError",
    "ChainError",
    "ChainUnavailableError",
    "CommunityDefinitionError",
    "ConflictError",
    "ConformityError",
    "ContractRefusal",
    "InputError",
    "MissingToolError",
    "NetworkError",
    "NotFoundError",
    "PartageError",
    "PeriodError",
    "PermissionDeniedError",
    "PowerFlowError",
    "ReadingsError",
    "SharingKeyError",
    "StoreBusyError",
    "StoreError",
    "TariffError",
    "TooManyAttemptsError",
    "TransactionRefusedError",
    "VerificationError",
]


class PartageError(Exception):
    """Anything that Partage refuses or cannot do, said in one clear sentence."""


class InputError(PartageError):
    """A value from outside that does not fit."""


class CommunityDefinitionError(InputError):
    """A community file with a typo, a missing table or values that contradict each other."""


class ReadingsError(InputError):
    """A meter file that cannot be taken.

    Attributes:
        findings: What is wrong, a finding per fault (``backend.metering.Finding``), in file order.
    """

    def __init__(self, message: str, findings: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.findings: tuple[Any, ...] = tuple(findings)


class SharingKeyError(InputError):
    """Parameters that no sharing key can work with."""


class TariffError(InputError):
    """A price, rate or time window that cannot be billed."""


class NetworkError(InputError):
    """A network that cannot be taken.

    Attributes:
        faults: What is wrong, one each (``backend.grid.faults.NetworkFault``), in file order.
    """

    def __init__(self, message: str, faults: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.faults: tuple[Any, ...] = tuple(faults)


class PowerFlowError(InputError):
    """A power flow that does not converge, or converges to what is no solution."""


class PeriodError(InputError):
    """A settlement period that is malformed, incomplete or outside the data."""


class NotFoundError(PartageError):
    """What is asked for is not here."""


class ConflictError(PartageError):
    """What is asked contradicts what is stored."""


class ConformityError(PartageError):
    """Readings that the rules in force refuse."""


class BalanceError(PartageError):
    """Energy or money that does not balance to the last unit."""


class StoreError(PartageError):
    """The store cannot be read or written."""


class StoreBusyError(StoreError):
    """Another process holds the store."""


class ChainError(PartageError):
    """The chain cannot do what is asked."""


class ChainUnavailableError(ChainError):
    """The chain does not answer, or is not the one that was meant."""


class ChainBusyError(ChainError):
    """Another process is writing to the embedded chain."""


class TransactionRefusedError(ChainError):
    """A transaction that no block can take: its nonce, its signature, its funds or its gas do not fit."""


class ContractRefusal(ChainError):  # noqa: N818 -- a refusal is the contract's answer, not our error
    """A contract's custom error.

    Attributes:
        name: The error's name in the contract, such as ``EnergyNotConserved``.
        values: Its arguments by name.
    """

    def __init__(self, message: str, name: str = "", values: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.values = dict(values or {})


class VerificationError(PartageError):
    """A bundle that cannot be read as one: a field is missing, malformed or unknown."""


class AccessError(PartageError):
    """Who asks may not."""


class AuthenticationError(AccessError):
    """Not logged in, or with the wrong name or password."""


class TooManyAttemptsError(AccessError):
    """Too many attempts, or too many requests at once.

    Attributes:
        wait_seconds: When it is worth trying again. [s]
    """

    def __init__(self, message: str, wait_seconds: int) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class PermissionDeniedError(AccessError):
    """Logged in, but neither owner, nor role, nor consent allows it."""


class MissingToolError(PartageError):
    """Something optional that this needs is not installed."""
