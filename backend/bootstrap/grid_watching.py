"""Watching networks, joined: what alarms are found in, and what sends messages.

PARTAGE_SMTP_URL, PARTAGE_MAIL_FROM   the mail server; see ``backend.adapters.messages.email``
PARTAGE_WEBHOOK_PRIVATE               1 where webhooks may go to private addresses and without TLS
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.grid.alarms import Channel
    from backend.ports.grid_measures import MeasureSource
    from backend.ports.grid_messages import MessageSender
    from backend.services.grid.watching import NetworkWatch

__all__ = ["measure_source", "message_senders", "open_watch", "webhook_key"]

_KEPT_AS = "webhook"


def measure_source(wiring: Any) -> MeasureSource:
    """What computes measures of a home's networks."""
    from backend.services.grid.alarm_measures import ComputedMeasures
    from backend.services.grid.known_networks import KnownNetworks
    from backend.services.grid.transformers import TransformerDesk

    networks = KnownNetworks(wiring.grid_sources)
    return ComputedMeasures(
        networks, TransformerDesk(networks, wiring.ambient, wiring.load_forecaster), wiring.clock
    )


def message_senders(
    wiring: Any, environment: Mapping[str, str] | None = None
) -> Mapping[Channel, MessageSender]:
    """What sends a home's messages, as the environment says.

    Raises:
        InputError: If the environment names no mail server where it means to.
    """
    from backend.adapters.messages import MailServer, SmtpSender, WebhookSender
    from backend.grid.alarms import Channel

    environment = os.environ if environment is None else environment
    allows_private = environment.get("PARTAGE_WEBHOOK_PRIVATE", "") == "1"
    secret, clock = wiring.vault.secret(_KEPT_AS), wiring.clock
    return {
        Channel.WEBHOOK: WebhookSender(secret, clock, allows_private=allows_private),
        Channel.EMAIL: SmtpSender(MailServer.from_environment(environment), clock),
    }


def webhook_key(wiring: Any, network: str, route: str) -> str:
    """What a route's receiver checks signatures with, in hexadecimal digits."""
    from backend.adapters.messages import route_key

    return route_key(wiring.vault.secret(_KEPT_AS), network, route).hex()


def open_watch(wiring: Any, environment: Mapping[str, str] | None = None) -> NetworkWatch:
    """What watches a home's networks."""
    from backend.services.grid.watching import NetworkWatch

    senders = message_senders(wiring, environment)
    return NetworkWatch(wiring.store, wiring.clock, measure_source(wiring), senders, wiring.intervals)
