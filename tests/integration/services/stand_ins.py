"""A chain in memory that can do what real ones do to us: refuse, stall, drop and reorganise."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field

from backend.errors import ContractRefusal
from backend.ports import ContractCall, Receipt, SignedTransaction


@dataclass
class MemoryChain:
    blocks: list[list[str]] = field(default_factory=lambda: [[]])
    forks: int = 0
    nonces: dict[str, int] = field(default_factory=dict)
    signed: dict[str, tuple[ContractCall, int, int]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    mines: bool = True
    refuses: set[str] = field(default_factory=set)
    least_fee: int = 0
    accepted_fee: int = 0
    needed: int = 1

    @contextmanager
    def writing(self):
        yield

    def preflight(self, call):
        if call.function in self.refuses:
            raise ContractRefusal(f"no {call.function}", name="Refused")

    def sign(self, call, replacing=None):
        nonce = replacing.nonce if replacing else self.nonces.get(call.sender, 0)
        replaces = (replacing.hash, *replacing.replaces) if replacing else ()
        name = f"0x{call.function}-{nonce}-{len(replaces)}"
        self.signed[name] = (call, nonce, len(replaces))
        return SignedTransaction(name.encode(), name, nonce, call.sender, replaces)

    def send(self, transaction):
        call, nonce, fee = self.signed[transaction.hash]
        if fee < self.accepted_fee:
            return False
        self.sent.append(transaction.hash)
        if self.mines and fee >= self.least_fee and nonce == self.nonces.get(call.sender, 0):
            self.mine(transaction.hash)
        return True

    def is_passed(self, transaction):
        return self.nonces.get(transaction.sender_address, 0) > transaction.nonce

    def mine(self, name):
        call, nonce, _ = self.signed[name]
        self.nonces[call.sender] = nonce + 1
        self.blocks.append([name])

    def add_empty_block(self):
        self.blocks.append([])

    def drop_head(self):
        """A reorganisation: the head's transaction is no longer mined."""
        (name,) = self.blocks.pop()
        call, nonce, _ = self.signed[name]
        self.nonces[call.sender] = nonce
        self.forks += 1

    def _hash(self, number):
        return f"block-{self.forks}-{number}"

    def receipt(self, name):
        for number, names in enumerate(self.blocks):
            if name in names:
                return Receipt(name, number, self._hash(number), 21_000, succeeded=True)
        return None

    def confirmations(self, receipt):
        if receipt.block_number >= len(self.blocks) or self._hash(receipt.block_number) != receipt.block_hash:
            return None
        return len(self.blocks) - receipt.block_number

    def confirmations_needed(self):
        return self.needed

    def calls_mined(self):
        return [self.signed[name][0].function for names in self.blocks for name in names]
