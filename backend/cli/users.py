"""``partage users``: who may log in to the pages and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_table

if TYPE_CHECKING:
    from backend.ports import RecordStore, UserRecord

__all__ = ["app"]

app = typer.Typer(help="Who may log in: add, list, reset a password, disable.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="Name to log in with.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("add")
def add(
    login: Login,
    roles: Annotated[
        list[str],
        typer.Option(
            "--role",
            help="member, provider, operator, governance, auditor or admin; once for each.",
            show_default="member with --participant",
        ),
    ] = [],  # noqa: B006 -- typer reads it, nobody changes it
    community: Annotated[
        str, typer.Option(help="Id of the community; none for an administrator of all.")
    ] = "",
    participant: Annotated[str, typer.Option(help="Id of the participant that a member is.")] = "",
    locale: Annotated[str, typer.Option(help="en or fr.")] = "en",
    as_json: Json = False,
) -> None:
    """Add a user; the password is drawn, printed once and kept nowhere."""
    from backend.adapters.key_vault import draw_password
    from backend.bootstrap import open_existing
    from backend.services.users import add_user

    wiring = open_existing()
    chosen = list(roles) or (["member"] if participant else [])
    with wiring.writing("users add"):
        user, password = add_user(
            wiring.store,
            login,
            chosen,
            community=community,
            participant=participant,
            locale=locale,
            draw_password=draw_password,
        )
    _tell_password(user, password, as_json=as_json)


@app.command("list")
def list_users(
    community: Annotated[str, typer.Option(help="Only those of this community.")] = "",
    as_json: Json = False,
) -> None:
    """List who may log in."""
    from backend.bootstrap import open_existing

    with open_existing().store.reading() as records:
        if community:
            records.community(community)
        users = records.users(community or None)
    users = sorted(users, key=lambda user: user.login)
    if as_json:
        print_json({"users": [_shown(user) for user in users]})
        return
    if not users:
        print("Nobody may log in yet; add somebody with: partage users add LOGIN --role ROLE")
        return
    rows = [
        [
            user.login,
            ", ".join(user.roles),
            user.community or "-",
            user.participant or "-",
            "disabled" if user.disabled else "",
        ]
        for user in users
    ]
    print_table(["login", "roles", "community", "participant", ""], rows, text_columns=5)


@app.command("reset")
def reset(login: Login, as_json: Json = False) -> None:
    """Draw a new password, printed once; the user's sessions end."""
    from backend.adapters.key_vault import draw_password
    from backend.bootstrap import open_existing
    from backend.services.users import reset_password

    wiring = open_existing()
    with wiring.writing("users reset"):
        user = _user_of(wiring.store, login)
        password = reset_password(wiring.store, user, draw_password)
    _tell_password(user, password, as_json=as_json)


@app.command("disable")
def disable(
    login: Login,
    undo: Annotated[bool, typer.Option("--undo", help="Let the user log in again.")] = False,
    as_json: Json = False,
) -> None:
    """Close the door to a user, whose sessions end; --undo opens it again."""
    from backend.bootstrap import open_existing
    from backend.services.users import change_user

    wiring = open_existing()
    with wiring.writing("users disable"):
        user = change_user(wiring.store, _user_of(wiring.store, login), disabled=not undo)
    if as_json:
        print_json(_shown(user))
        return
    print(f"{user.login} {'can no longer log in' if user.disabled else 'can log in again'}.")


def _user_of(store: RecordStore, login: str) -> UserRecord:
    """The user of a login.

    Raises:
        NotFoundError: If there is none, with the nearest that there is.
    """
    from backend.community.tables import name_nearest
    from backend.errors import NotFoundError

    with store.reading() as records:
        user = records.user_by_login(login)
        known = [other.login for other in records.users()]
    if user is None:
        remedy = name_nearest(login, known) if known else "add one with: partage users add"
        raise NotFoundError(f"There is no user {login!r} here; {remedy}")
    return user


def _tell_password(user: UserRecord, password: str, *, as_json: bool) -> None:
    if as_json:
        print_json({**_shown(user), "password": password})
        return
    print(f"{user.login}: {password}")
    print("This password is kept nowhere: hand it over now; `partage users reset` draws another.")


def _shown(user: UserRecord) -> dict[str, Any]:
    return {
        "login": user.login,
        "roles": list(user.roles),
        "community": user.community,
        "participant": user.participant,
        "locale": user.locale,
        "disabled": user.disabled,
    }
