"""The pages' verifier, asked from Python: one node process that judges bundles line by line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["NODE", "Browser", "open_browser"]

NODE = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
_JUDGE = Path(__file__).parents[2] / "frontend" / "judge.js"


class Browser:
    """Judges as the page does."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def judge(self, bundle: dict[str, Any] | str, chain: dict[str, Any]) -> dict[str, Any]:
        """Give ``ok``, the ``failures``, what is ``unchecked``, and why a bundle is ``refused`` altogether."""
        asks, answers = self._process.stdin, self._process.stdout
        assert asks is not None
        assert answers is not None
        text = bundle if isinstance(bundle, str) else json.dumps(bundle)
        asks.write(json.dumps({"bundle": text, "chain": chain}) + "\n")
        asks.flush()
        verdict: dict[str, Any] = json.loads(answers.readline())
        return verdict


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start the process, and end it."""
    assert NODE is not None
    with subprocess.Popen(
        [NODE, _JUDGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Browser(process)
        assert process.stdin is not None
        process.stdin.close()
