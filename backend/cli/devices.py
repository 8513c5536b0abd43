"""``partage devices``: programs that hand in a community's readings by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_table

if TYPE_CHECKING:
    from backend.ports.device_records import DeviceRecord

__all__ = ["app"]

app = typer.Typer(help="Devices that hand in readings: add, list, revoke.", no_args_is_help=True)

Community = Annotated[str, typer.Argument(help="Id of the community.")]
Name = Annotated[str, typer.Argument(help="Of the device: a-z, 0-9, dash.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("add")
def add(community: Community, name: Name, as_json: Json = False) -> None:
    """Let a device hand in readings of a community; its token is drawn, printed once and kept nowhere."""
    import secrets

    from backend.bootstrap import open_existing
    from backend.services.devices import add_device

    wiring = open_existing()
    with wiring.writing("devices add"):
        device, token = add_device(wiring.store, wiring.clock, community, name, secrets.token_bytes)
    if as_json:
        print_json({**_shown(device), "token": token})
        return
    print(f"{community}/{device.name}: {token}")
    print(
        "This token is kept nowhere: give it to the device now. It may write readings of this community alone."
    )


@app.command("list")
def list_devices(
    community: Annotated[str, typer.Option(help="Only those of this community.")] = "",
    as_json: Json = False,
) -> None:
    """List devices, revoked ones too."""
    from backend.bootstrap import open_existing

    with open_existing().store.reading() as records:
        if community:
            records.community(community)
        devices = records.devices(community or None)
    if as_json:
        print_json({"devices": [_shown(device) for device in devices]})
        return
    if not devices:
        print("No device is let in yet; add one with: partage devices add COMMUNITY NAME")
        return
    rows = [
        [device.community, device.name, _day(device.added_utc), _day(device.revoked_utc)]
        for device in devices
    ]
    print_table(["community", "device", "added", "revoked"], rows, text_columns=4)


@app.command("revoke")
def revoke(community: Community, name: Name, as_json: Json = False) -> None:
    """Let a device in no more; what it handed in stays."""
    from backend.bootstrap import open_existing
    from backend.services.devices import revoke_device

    wiring = open_existing()
    with wiring.writing("devices revoke"):
        device = revoke_device(wiring.store, wiring.clock, community, name)
    if as_json:
        print_json(_shown(device))
        return
    print(f"{community}/{name} can hand in readings no more.")


@app.command("mosquitto")
def mosquitto(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; its files are the broker's alone.")],
) -> None:
    """Write the passwords and topics of all devices for a Mosquitto broker; reload it afterwards."""
    from backend.bootstrap import open_existing
    from backend.bootstrap.listening import write_broker_files

    wiring = open_existing()
    with wiring.writing("devices mosquitto"):
        files = write_broker_files(wiring, folder)
    for file in files:
        print(file)
    print("Include partage.conf in the broker's configuration and reload it, after each change of devices.")


def _day(instant_utc: int) -> str:
    return f"{datetime.fromtimestamp(instant_utc, UTC):%Y-%m-%d}" if instant_utc else "-"


def _shown(device: DeviceRecord) -> dict[str, Any]:
    return {
        "community": device.community,
        "name": device.name,
        "added_utc": device.added_utc,
        "revoked_utc": device.revoked_utc or None,
    }
