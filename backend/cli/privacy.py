"""``partage erase`` and ``partage export``: what people may ask of whoever holds their data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, write_file

if TYPE_CHECKING:
    from backend.bootstrap import Wiring

__all__ = ["erase", "export"]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def erase(
    community: Annotated[str, typer.Argument(help="With --participant: of which community.")] = "",
    participant: Annotated[
        str, typer.Option(help="Note that this participant asks to be forgotten, then destroy what is due.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files of communities that somebody was taken out of.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Destroy what is due of everybody who asked to be forgotten; `partage serve` does so every day.

    Copies elsewhere, such as archives that `partage backup` wrote, are their keeper's to destroy.
    """
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.services.privacy import ask_erasure, plan_erasure
    from backend.services.privacy_erasure import erase_due

    if bool(community) != bool(participant):
        raise InputError("Give both the community and --participant, or neither to destroy what is due.")
    wiring = open_existing()
    plan = None
    with wiring.writing("erase"):
        if participant:
            ask_erasure(wiring.context, community, participant)
            plan = plan_erasure(wiring.context, community, participant)
        erased = erase_due(wiring.context, wiring.erasers)
    if out is not None:
        _write_definitions(wiring, out, sorted({one.community for one in erased if one.begun}))
    told: list[dict[str, Any]] = [
        {
            "community": one.community,
            "alias": one.alias,
            "begun": one.begun,
            "periods": len(one.periods),
            "done": one.done,
            "seat_left": one.seat_left,
        }
        for one in erased
    ]
    waits = [] if plan is None else [{"what": part.what, "waits_for": part.waits_for} for part in plan.parts]
    if as_json:
        print_json({"erased": told, "waits": waits})
        return
    for one in told:
        left = "nothing is left" if one["done"] else "documents stay until the law lets go"
        print(f"{one['community']}: {one['alias']} stands where somebody was; {left}.")
        print(
            "  Take the community's file anew from the store: partage community show --toml, and destroy old copies."
        )
        if one["seat_left"] is not None:
            print(f"  Seat {one['seat_left']} can be taken back by a vote only: propose its revocation.")
    for wait in waits:
        if wait["waits_for"] and not told:
            print(f"{wait['what'].replace('_', ' ')}: waits for {wait['waits_for']}")
    if not told and not waits:
        print("Nothing is due.")


def _write_definitions(wiring: Wiring, folder: Path, communities: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with wiring.store.reading() as records:
        texts = {community: records.community(community).definition for community in communities}
    for community, text in texts.items():
        write_file(folder / f"{community}.toml", text, private=True)


def export(
    login: Annotated[str, typer.Argument(help="Log-in of the member who asks.")],
    out: Annotated[Path, typer.Option(help="Archive to write, .zip.")],
) -> None:
    """Write everything that is held about a member, with an index in their language."""
    from backend.adapters.durable_files import write_durably
    from backend.bootstrap import open_existing
    from backend.errors import NotFoundError
    from backend.services.privacy_export import export_person

    wiring = open_existing()
    with wiring.store.reading() as records:
        user = records.user_by_login(login)
    if user is None or not user.participant:
        raise NotFoundError(f"{login!r} is no member's log-in here; see: partage users list")
    written = export_person(wiring.context, wiring.render_bill, user)
    write_durably(out, written, mode=0o600)
    print(f"{out}: {len(written):,} bytes")
