import subprocess
import sys

import pytest


@pytest.mark.parametrize("library", ["eth_account", "web3", "eth", "eth_tester"])
def test_a_text_nested_without_end_is_refused_whichever_library_of_ethereum_was_imported(library):
    program = (
        f"import sys, json, backend, {library}\n"
        "assert 'py_ecc' in sys.modules, 'nothing raised the limit'\n"
        "assert sys.getrecursionlimit() == 2000, sys.getrecursionlimit()\n"
        "try:\n    json.loads('[' * 500_000)\nexcept RecursionError:\n    print('refused')\n"
    )
    said = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (0, "refused\n"), said.stderr
