import subprocess
import sys

SCRIPT = """
import json
import backend.adapters.chain.embedded_chain
try:
    json.loads("[" * 100_000)
except RecursionError:
    print("refused")
"""


def test_the_embedded_chain_leaves_python_able_to_refuse_what_is_nested_too_deep():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "refused\n")
