"""Sending messages: webhooks with a signature, and e-mail; neither follows anybody to where it should not go."""

from backend.adapters.messages.email import MailServer, SmtpSender
from backend.adapters.messages.webhook import SIGNATURE_HEADER, WebhookSender, route_key, sign_body

__all__ = ["SIGNATURE_HEADER", "MailServer", "SmtpSender", "WebhookSender", "route_key", "sign_body"]
