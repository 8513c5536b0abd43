"""The service as a process of its own, on a real port."""

import re
import signal
import subprocess
import sys

import httpx
import pytest

START_SECONDS = 60
STOP_SECONDS = 20


@pytest.fixture
def server(settled_home):
    """``partage serve`` on a free port, over the settled home."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from backend.cli import main; main()", "serve", "--port", "0"],
        env={"PARTAGE_HOME": str(settled_home.folder), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://[0-9.]+:[0-9]+/", line)
    assert found, line
    yield process, found[0]
    process.kill()
    process.wait(STOP_SECONDS)
    process.stdout.close()


def test_a_process_serves_says_where_and_ends_in_peace_when_told(server, settled_home):
    process, address = server
    with httpx.Client(base_url=address, headers={"X-Partage-Request": "1"}, timeout=START_SECONDS) as client:
        body = {"login": "ada@toits", "password": settled_home.passwords["ada@toits"]}
        assert client.post("api/v1/session", json=body).status_code == 200
        assert client.get("api/v1/me/bills/2024-03/bundle").json()["format"] == "partage-bundle"
        assert "server" not in client.get("api/v1/health").headers
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_SECONDS) in {0, -signal.SIGTERM}


def test_forwarding_headers_are_not_believed_unless_a_proxy_is_trusted(server):
    _, address = server
    with httpx.Client(base_url=address, headers={"X-Partage-Request": "1"}, timeout=START_SECONDS) as client:
        statuses = [
            client.post(
                "api/v1/session",
                json={"login": f"somebody-{number}", "password": "a guess"},
                headers={"X-Forwarded-For": f"192.0.2.{number}"},
            ).status_code
            for number in range(31)
        ]
    assert statuses == [401] * 30 + [429]
