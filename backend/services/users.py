"""Who may log in: made by an administrator, or for the demonstration."""

from __future__ import annotations

import json
import os
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, InputError, NotFoundError, StoreError
from backend.ports import UserRecord
from backend.services.passwords import hash_password

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from backend.ports import RecordStore
    from backend.services.context import CommunityView

__all__ = ["LOCALES", "ROLES", "add_user", "change_user", "ensure_demo_users", "reset_password", "user_of_id"]

#: What a user may be, beside owner of their own data.
ROLES = ("member", "provider", "operator", "governance", "arbiter", "auditor", "admin")
LOCALES = ("en", "fr")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,62}")
_ID_BYTES = 12
_DEMO_ROLES = ("operator", "provider", "governance", "arbiter", "auditor", "admin")
_DEMO_FILE = "demo-logins.json"
_HASHES_AT_ONCE = 2


def add_user(
    store: RecordStore,
    login: str,
    roles: Sequence[str],
    *,
    community: str = "",
    participant: str = "",
    locale: str = "en",
    draw_password: Callable[[], str],
) -> tuple[UserRecord, str]:
    """Make a user with a password that is told once.

    Args:
        store: Records.
        login: Name to log in with, unique in the store.
        roles: Of ``ROLES``.
        community: That the roles are for; empty for an administrator of all.
        participant: That the user is; its bills and curves are the user's own.
        locale: Of ``LOCALES``.
        draw_password: Makes a password.

    Returns:
        The user as kept, and the password, which is kept nowhere.

    Raises:
        InputError: If login, roles or locale are malformed.
        NotFoundError: If the community or participant is not there.
        ConflictError: If the login is taken.
    """
    password = draw_password()
    user = UserRecord(
        id=secrets.token_hex(_ID_BYTES),
        login=login,
        password_hash="",
        roles=tuple(dict.fromkeys(roles)),
        community=community,
        participant=participant,
        locale=locale,
    )
    _check(store, user)
    user = replace(user, password_hash=hash_password(password))
    with store.transaction() as records:
        if records.user_by_login(login) is not None:
            raise ConflictError(f"The login {login!r} is taken; choose another.")
        records.put_user(user)
    return user, password


def _check(store: RecordStore, user: UserRecord) -> None:
    if not _LOGIN.fullmatch(user.login):
        raise InputError(
            f"The login {user.login!r} is malformed; use 2 to 63 of a-z, 0-9 and . _ @ + -, "
            "starting with a letter or digit."
        )
    _check_roles(user.roles, user.community)
    if user.locale not in LOCALES:
        raise InputError(f"The locale {user.locale!r} is not known; use one of {', '.join(LOCALES)}.")
    if user.participant and not user.community:
        raise InputError(f"Participant {user.participant!r} needs the community that it is in.")
    if ("member" in user.roles) != bool(user.participant):
        raise InputError("The role member and a participant go together; give both or neither.")
    if user.community:
        _check_participant(store, user.community, user.participant)


def _check_roles(roles: Sequence[str], community: str) -> None:
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise InputError(
            f"The roles {', '.join(unknown) or '(none)'} do not exist; use some of {', '.join(ROLES)}."
        )
    if not community and tuple(roles) != ("admin",):
        raise InputError(
            "Only an administrator can be without a community; name the community that the roles are for."
        )


def _check_participant(store: RecordStore, community: str, participant: str) -> None:
    from backend.community import read_definition

    with store.reading() as records:
        record = records.community(community)
    if not participant:
        return
    members = read_definition(record.definition, f"{community}.toml").participants
    if participant not in {member.id for member in members}:
        raise NotFoundError(f"Community {community} has no participant {participant!r}.")


def user_of_id(store: RecordStore, user_id: str, within: str = "") -> UserRecord:
    """A user.

    Args:
        store: Records.
        user_id: Whose.
        within: Only users of this community; empty for all.

    Raises:
        NotFoundError: If there is none, or it is another community's.
    """
    with store.reading() as records:
        user = records.user(user_id)
    if user is None or (within and user.community != within):
        raise NotFoundError(f"There is no user {user_id!r} here.")
    return user


def change_user(
    store: RecordStore,
    user: UserRecord,
    *,
    disabled: bool | None = None,
    roles: Sequence[str] | None = None,
    locale: str | None = None,
) -> UserRecord:
    """Change a user; disabling one, or taking roles, ends their sessions.

    Raises:
        InputError: If what is given is malformed.
        ConflictError: If no administrator would be left.
    """
    changed = replace(
        user,
        disabled=user.disabled if disabled is None else disabled,
        roles=user.roles if roles is None else tuple(dict.fromkeys(roles)),
        locale=user.locale if locale is None else locale,
    )
    _check(store, changed)
    with store.transaction() as records:
        if _is_administrator(user) and not _is_administrator(changed):
            others = [other for other in records.users() if other.id != user.id and _is_administrator(other)]
            if not any(not other.community or other.community == user.community for other in others):
                raise ConflictError("The last administrator stays one; make another administrator first.")
        records.put_user(changed)
        if changed.disabled or not set(user.roles) <= set(changed.roles):
            records.remove_logins(user.id)
    return changed


def _is_administrator(user: UserRecord) -> bool:
    return "admin" in user.roles and not user.disabled


def reset_password(store: RecordStore, user: UserRecord, draw_password: Callable[[], str]) -> str:
    """Give a user a new password, told once; their sessions end."""
    password = draw_password()
    hashed = hash_password(password)
    with store.transaction() as records:
        records.put_user(replace(user, password_hash=hashed))
        records.remove_logins(user.id)
    return password


def ensure_demo_users(
    store: RecordStore, view: CommunityView, vault_folder: Path, draw_password: Callable[[], str]
) -> list[dict[str, Any]]:
    """Make a user per participant and per role of a demonstration's community; those that are there stay.

    Their passwords are kept in the vault's folder, readable by its owner alone, so that a repeated demonstration tells
    the same; a real community's are kept nowhere.

    Args:
        store: Records.
        view: The community.
        vault_folder: Where the keys lie.
        draw_password: Makes a password.

    Returns:
        A row per user: login, password, role, participant.
    """
    community = view.record.id
    wanted = [(participant.id, "member", participant.id) for participant in view.community.participants]
    wanted += [(role, role, "") for role in _DEMO_ROLES]
    file = vault_folder / _DEMO_FILE
    passwords = _read_passwords(file)
    told_before = frozenset(passwords)
    rows = [
        {
            "login": f"{name}@{community}",
            "password": passwords.setdefault(f"{name}@{community}", draw_password()),
            "role": role,
            "participant": participant,
        }
        for name, role, participant in wanted
    ]
    _write_passwords(file, passwords)
    with store.reading() as records:
        kept = {row["login"]: records.user_by_login(row["login"]) for row in rows}
    # Where the file was lost, the password that it now tells must open the door again.
    due = [row for row in rows if kept[row["login"]] is None or row["login"] not in told_before]
    if due:
        with ThreadPoolExecutor(_HASHES_AT_ONCE) as pool:
            hashes = list(pool.map(hash_password, [row["password"] for row in due]))
        with store.transaction() as records:
            for row, hashed in zip(due, hashes, strict=True):
                user = kept[row["login"]] or _demo_user(community, row)
                records.put_user(replace(user, password_hash=hashed))
    return rows


def _demo_user(community: str, row: dict[str, Any]) -> UserRecord:
    return UserRecord(
        id=secrets.token_hex(_ID_BYTES),
        login=row["login"],
        password_hash="",
        roles=(row["role"],),
        community=community,
        participant=row["participant"],
    )


def _read_passwords(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {str(login): str(password) for login, password in kept.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise StoreError(
            f"{file} is damaged ({type(error).__name__}); delete it and start the demonstration with --fresh."
        ) from None


def _write_passwords(file: Path, passwords: dict[str, str]) -> None:
    """Replace the file in one step, 0600 from the start."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(passwords, stream, indent=1, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
