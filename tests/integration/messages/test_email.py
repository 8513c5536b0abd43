"""E-mail: encrypted, with a Message-ID that repeats are known by, and told when it is refused."""

import json
from email import message_from_bytes, policy

import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.messages import MailServer, SmtpSender
from backend.errors import InputError
from backend.grid.alarms import Channel, Route
from tests.integration.messages.receivers import make_certificate, receiving_mail

ROUTE = Route("crew", Channel.EMAIL, addresses=("crew@example.org", "night@example.org"))
BODY = json.dumps({"subject": "[rue] critical: Trafo à 160 %", "text": "critical  T1: 160 %\n"})
NOW = 1_720_000_000


def server(port, **options):
    return MailServer("127.0.0.1", port, "grid@example.org", **{"tls": "off"} | options)


def send(mail_server, body=BODY, message="m1"):
    return SmtpSender(mail_server, FixedClock(NOW)).send(ROUTE, message, body)


def test_a_mail_arrives_at_every_address_with_an_id_that_repeats_are_known_by():
    with receiving_mail() as mails:
        told = send(server(mails.port))
        again = send(server(mails.port))
    assert (told.arrived, again.arrived, told.error) == (True, True, "")
    envelope = mails.taken[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("grid@example.org", list(ROUTE.addresses))
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail["Subject"] == "[rue] critical: Trafo à 160 %"
    assert mail["Message-ID"] == "<m1@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().strip() == "critical  T1: 160 %"
    assert mails.taken[1].content == envelope.content


def test_a_line_break_in_a_subject_adds_no_header():
    with receiving_mail() as mails:
        body = json.dumps({"subject": "a\r\nBcc: eve@example.org", "text": "b"})
        assert send(server(mails.port), body).arrived
    mail = message_from_bytes(mails.taken[0].content, policy=policy.default)
    assert (mail["Bcc"], mail["Subject"]) == (None, "a Bcc: eve@example.org")


def test_log_in_and_mail_go_over_an_encrypted_line(tmp_path):
    certificate = make_certificate(tmp_path, "127.0.0.1")
    for implicit in (False, True):
        with receiving_mail(tls=certificate.server, implicit=implicit) as mails:
            known = server(
                mails.port,
                user="grid",
                password="word",
                tls="implicit" if implicit else "starttls",
                trust=certificate.client,
            )
            told = send(known)
        assert (told.arrived, told.error) == (True, "")
        assert (mails.was_encrypted, mails.logins) == ([True], [(b"grid", b"word")])


def test_a_server_without_encryption_gets_neither_password_nor_mail():
    with receiving_mail() as mails:
        told = send(server(mails.port, user="grid", password="word", tls="starttls"))
    assert (told.arrived, told.is_hopeless) == (False, False)
    assert "SMTPNotSupportedError" in told.error
    assert (mails.taken, mails.logins) == ([], [])


def test_a_server_with_a_strange_certificate_gets_nothing(tmp_path):
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with receiving_mail(tls=certificate.server) as mails:
        told = send(server(mails.port, user="grid", password="word", tls="starttls"))
    assert (told.arrived, mails.taken, mails.logins) == (False, [], [])
    assert "SSLCertVerificationError" in told.error


def test_a_wrong_password_is_told_without_it(tmp_path):
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with receiving_mail(tls=certificate.server) as mails:
        wrong = server(mails.port, user="grid", password="wrong-1", tls="starttls", trust=certificate.client)
        told = send(wrong)
    assert (told.arrived, "does not let" in told.error, "wrong-1" in told.error + repr(wrong)) == (
        False,
        True,
        False,
    )


@pytest.mark.parametrize(("answer", "hopeless"), [("550 no such user", True), ("451 come later", False)])
def test_addresses_that_are_all_refused_are_tried_again_only_where_it_may_help(answer, hopeless):
    with receiving_mail(refuses=dict.fromkeys(ROUTE.addresses, answer)) as mails:
        told = send(server(mails.port))
    assert (told.arrived, told.is_hopeless, mails.taken) == (False, hopeless, [])
    assert answer[:3] in told.error


def test_one_refused_address_does_not_double_the_mail_for_the_others():
    with receiving_mail(refuses={"night@example.org": "550 no such user"}) as mails:
        told = send(server(mails.port))
    assert (told.arrived, told.error) == (True, "127.0.0.1 refuses 1 of 2 addresses")
    assert mails.taken[0].rcpt_tos == ["crew@example.org"]


def test_a_mail_that_the_server_refuses_for_now_is_tried_again():
    with receiving_mail(refuses={"data": "452 disk full"}) as mails:
        told = send(server(mails.port))
    assert (told.arrived, told.is_hopeless) == (False, False)


def test_a_server_that_is_not_there_or_not_named_is_told():
    with receiving_mail() as mails:
        port = mails.port
    assert "cannot be used (ConnectionRefusedError)" in send(server(port)).error
    assert "set PARTAGE_SMTP_URL" in send(None).error


def test_the_environment_names_the_server():
    assert MailServer.from_environment({}) is None
    told = MailServer.from_environment(
        {"PARTAGE_SMTP_URL": "smtp://grid:p%40ss@mail.example", "PARTAGE_MAIL_FROM": "grid@example.org"}
    )
    assert told == MailServer("mail.example", 587, "grid@example.org", "grid", "p@ss", "starttls")
    told = MailServer.from_environment(
        {"PARTAGE_SMTP_URL": "smtps://mail.example:4650", "PARTAGE_MAIL_FROM": "grid@example.org"}
    )
    assert told == MailServer("mail.example", 4650, "grid@example.org", tls="implicit")


@pytest.mark.parametrize(
    ("url", "sender", "said"),
    [
        ("mail.example", "grid@example.org", "PARTAGE_SMTP_URL is no mail server"),
        ("smtp://user:secret-1@", "grid@example.org", "PARTAGE_SMTP_URL is no mail server"),
        ("smtp://mail.example:port", "grid@example.org", "PARTAGE_SMTP_URL is no mail server"),
        ("smtp://mail.example?ssl=no", "grid@example.org", "PARTAGE_SMTP_URL is no mail server"),
        ("smtp://mail.example?tls=no", "grid@example.org", "tls is off, or left out"),
        ("smtp://mail.example?tls=off", "grid@example.org", "for a server on this machine alone"),
        ("smtp://mail.example", "", "PARTAGE_MAIL_FROM is ''"),
        ("smtp://mail.example", "grid@example.org\nBcc: a@b.c", "PARTAGE_MAIL_FROM is"),
    ],
)
def test_an_environment_that_names_no_server_is_refused_without_its_password(url, sender, said):
    with pytest.raises(InputError, match=said) as refused:
        MailServer.from_environment({"PARTAGE_SMTP_URL": url, "PARTAGE_MAIL_FROM": sender})
    assert "secret-1" not in str(refused.value)
