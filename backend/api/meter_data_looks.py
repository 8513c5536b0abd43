"""Looks at a community's meter data: whose they are is logged, and log-ins are told by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend.api.dependencies import Services
    from backend.services.sessions import OpenSession

__all__ = ["login_names", "note_look"]


def login_names(services: Services) -> dict[str, str]:
    """Log-ins by user id."""
    with services.store.reading() as records:
        return {user.id: user.login for user in records.users()}


def note_look(
    services: Services, opened: OpenSession, community: str, points: Iterable[str], what: str
) -> None:
    """Log whose readings are looked at, before anything is handed out."""
    named = set(points)
    members = services.settled.community(community).community
    owners = {point.participant for point in members.metering_points if point.id in named}
    services.note_access(opened, community, sorted(owners), f"meter data: {what}")
