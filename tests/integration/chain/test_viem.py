"""viem's public client, which the pages use, on the read-only JSON-RPC behind a web server."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.chain.conftest import Stranger, Writer
from tests.integration.chain.notebook import REVERT_DATA, word

SCRIPT = Path(__file__).with_name("viem_reads.mjs")
NODE = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
HAS_VIEM = any((folder / "node_modules" / "viem").is_dir() for folder in SCRIPT.parents)


@pytest.fixture
def url(stranger: Stranger) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = stranger.rpc.dispatch(body)
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(NODE is None or not HAS_VIEM, reason="needs node and viem: run scripts/setup")
def test_viem_reads_the_chain(url: str, writer: Writer):
    writer.send(writer.notebook, word(5))
    writer.send(writer.notebook, word(6))
    assert NODE is not None
    run = subprocess.run(
        [NODE, SCRIPT, url, str(writer.chain_id), writer.notebook],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    estimate = seen.pop("estimate")
    assert 21_000 < estimate < 100_000
    assert seen == {
        "head": 3,
        "transactionType": "eip1559",
        "logs": ["0x" + word(5).hex(), "0x" + word(6).hex()],
        "kept": "0x" + word(6).hex(),
        "pinned": "0x" + word(0).hex(),
        "code": writer.rpc.request("eth_getCode", [writer.notebook]),
        "status": "success",
        "count": 3,
        "chainId": writer.chain_id,
        "refusal": REVERT_DATA,
        "written": -32601,
    }
