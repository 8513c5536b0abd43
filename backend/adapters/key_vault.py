"""What signs: one private key a file, readable by its owner alone, made the first time it is asked for.

Passwords and the secret that seals log-ins are made here too. Nothing in here is ever logged: errors name the file,
never its content, and ``repr`` shows the folder.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from typing import TYPE_CHECKING

from backend.adapters.durable_files import create_durably, make_folder
from backend.errors import NotFoundError, StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from eth_account.signers.local import LocalAccount

__all__ = ["ROLE_KEYS", "KeyVault", "draw_password"]

# Who signs what: see docs/protocol.md. Others may be named too, such as a member's on the embedded chain.
ROLE_KEYS = (
    "deployer",
    "steward",
    "operator",
    "importer",
    "settler",
    "auditor",
    "arbiter",
    "provider",
    "watcher",
    "guardian-1",
    "guardian-2",
    "guardian-3",
)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_KEY_BYTES = 32
# Order of secp256k1: a private key lies in [1, order).
_CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
# Without those that are taken for one another: 0 and O, 1, l and I.
_PASSWORD_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # noqa: S105 -- an alphabet
_PASSWORD_GROUPS = 4
_PASSWORD_GROUP_LENGTH = 5


def draw_password() -> str:
    """A password of 116 random bits in four groups that can be read out aloud."""
    return "-".join(
        "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(_PASSWORD_GROUP_LENGTH))
        for _ in range(_PASSWORD_GROUPS)
    )


def _draw_key() -> bytes:
    while True:
        key = secrets.token_bytes(_KEY_BYTES)
        if 0 < int.from_bytes(key) < _CURVE_ORDER:
            return key


class KeyVault:
    """Named keys in a folder.

    Args:
        folder: Made where it is absent, 0700.

    Invariants:
        - A key that is there is never replaced: of processes that ask for a new name at once, all get the same key.
        - A file or folder that others may read is refused.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._accounts: dict[str, LocalAccount] = {}

    def __repr__(self) -> str:
        return f"KeyVault({str(self._folder)!r})"

    def account(self, name: str) -> LocalAccount:
        """The account that signs under a name; its key is drawn the first time.

        Raises:
            StoreError: If the key's file is damaged, or others may read it.
        """
        if name not in self._accounts:
            from eth_account import Account

            self._accounts[name] = Account.from_key(self._load_or_draw(name, "key"))
        return self._accounts[name]

    def import_key(self, name: str, private_key: bytes) -> None:
        """Keep a key that was made elsewhere, such as a node's account.

        Raises:
            StoreError: If the name has another key already, or the bytes are no private key.
        """
        if len(private_key) != _KEY_BYTES or not 0 < int.from_bytes(private_key) < _CURVE_ORDER:
            raise StoreError(
                f"What is given for {name} is no private key: 32 bytes between 1 and the curve's order are."
            )
        path = self._path(name, "key")
        if (
            not create_durably(path, private_key.hex().encode() + b"\n", mode=0o600)
            and self._load(path) != private_key
        ):
            raise StoreError(f"{path} holds another key; a key is never replaced. Choose another name.")

    def names(self) -> list[str]:
        """Names that have a key, in alphabetical order."""
        return sorted(path.stem for path in self._folder.glob("*.key"))

    def require(self, name: str) -> LocalAccount:
        """The account of a name that must have a key already.

        Raises:
            NotFoundError: If it has none.
        """
        if not self._path(name, "key").exists():
            raise NotFoundError(
                f"There is no key {name} in {self._folder}; there are: {', '.join(self.names()) or 'none'}."
            )
        return self.account(name)

    def secret(self, name: str = "api") -> bytes:
        """32 random bytes that stay the same, such as what seals log-ins; drawn the first time.

        Raises:
            StoreError: If the file is damaged, or others may read it.
        """
        return self._load_or_draw(name, "secret")

    def _path(self, name: str, kind: str) -> Path:
        if not _NAME.fullmatch(name):
            raise StoreError(f"{name!r} is no key's name; use a-z, 0-9, dot, dash and underscore.")
        make_folder(self._folder, 0o700)
        _refuse_if_open_to_others(self._folder, self._folder.stat())
        return self._folder / f"{name}.{kind}"

    def _load_or_draw(self, name: str, kind: str) -> bytes:
        path = self._path(name, kind)
        if not path.exists():
            create_durably(path, _draw_key().hex().encode() + b"\n", mode=0o600)
        return self._load(path)

    @staticmethod
    def _load(path: Path) -> bytes:
        try:
            # A link could lead anywhere, to a file that somebody else writes.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be read ({error.strerror}); a key is a plain file of its owner."
            ) from None
        with os.fdopen(descriptor, "rb") as file:
            _refuse_if_open_to_others(path, os.fstat(file.fileno()))
            text = file.read(2 * _KEY_BYTES + 3)
        try:
            key = bytes.fromhex(text.decode("ascii").strip())
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise StoreError(
                f"{path} is damaged: it must hold 64 hexadecimal digits. Restore it from a backup."
            )
        return key


def _refuse_if_open_to_others(path: Path, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        right = "700" if stat.S_ISDIR(status.st_mode) else "600"
        raise StoreError(
            f"{path} may be read or written by others (mode {mode:03o}); run: chmod {right} {path}"
        )
