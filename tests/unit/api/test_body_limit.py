import asyncio
import re

import pytest
from starlette.exceptions import HTTPException

from backend.api.middleware import BodyLimit

LIMIT = 10
SPECIAL = [(re.compile("/rpc"), 2 * LIMIT, 0.05), (re.compile("/files/[0-9]+"), 3 * LIMIT, 0.6)]


def pass_through(messages, headers=(), path="/api/v1/session", wait=0.0):
    """What the application behind the limit reads, or what is answered in its place."""
    read, sent, left = [], [], list(messages)

    async def app(scope, receive, send):
        while True:
            message = await receive()
            read.append(message)
            if message["type"] == "http.disconnect":
                return

    async def receive():
        if not left:
            await asyncio.sleep(wait)
            return {"type": "http.disconnect"}
        return left.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "method": "POST", "headers": list(headers)}
    limit = BodyLimit(app, bytes_max=LIMIT, seconds_max=0.05, special=SPECIAL)
    asyncio.run(limit(scope, receive, send))
    return read, sent


def piece(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_that_fits_passes_and_the_wait_for_the_end_of_the_connection_is_not_timed():
    read, sent = pass_through([piece(b"12345", more=True), piece(b"67890")], wait=0.2)
    assert [message["type"] for message in read] == ["http.request", "http.request", "http.disconnect"]
    assert sent == []


@pytest.mark.parametrize("declared", [b"11", b"99999999999", b"9" * 5000, b"-1", b"1e1", b"\xc2\xb2"])
def test_a_length_that_is_too_large_or_malformed_is_refused_before_anything_is_read(declared):
    read, sent = pass_through([piece(b"")], [(b"content-length", declared)])
    assert read == []
    assert sent[0]["status"] == 413


def test_a_body_that_grows_beyond_the_limit_is_cut_off():
    with pytest.raises(HTTPException) as refused:
        pass_through([piece(b"123456", more=True), piece(b"789012", more=True)])
    assert refused.value.status_code == 413


def test_the_chain_may_be_asked_in_larger_bodies():
    read, _ = pass_through([piece(b"x" * 2 * LIMIT)], path="/rpc")
    assert len(read[0]["body"]) == 2 * LIMIT


def test_a_body_that_never_ends_is_given_up():
    with pytest.raises(HTTPException) as refused:
        pass_through([piece(b"1", more=True)], wait=5)
    assert refused.value.status_code == 408


def test_a_path_of_files_has_its_own_size_and_time():
    read, _ = pass_through([piece(b"x" * 3 * LIMIT)], path="/files/7")
    assert len(read[0]["body"]) == 3 * LIMIT
    read, _ = pass_through([piece(b"1", more=True)], path="/files/7", wait=0.2)
    assert read[-1]["type"] == "http.disconnect"
    with pytest.raises(HTTPException):
        pass_through([piece(b"x" * 3 * LIMIT)], path="/files/7/more")
