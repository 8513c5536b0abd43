from __future__ import annotations

import subprocess
import sys

import pytest

from backend.allocation import sharing_key
from backend.community import SharingKeyChoice
from backend.errors import SharingKeyError

SLOTS = {"home-01-load": 0, "home-02-load": 1, "roof": 4}


def test_methods_carry_the_codes_of_the_chain():
    dynamic = sharing_key(SharingKeyChoice("dynamic"), SLOTS)
    static = sharing_key(SharingKeyChoice("static", {"home-01-load": 600_000}), SLOTS)
    assert (dynamic.code, dynamic.coefficients_ppm, dynamic.header_rounds) == (1, (), 0)
    assert (static.code, static.coefficients_ppm, static.header_rounds) == (2, (600_000, 0, 0, 0, 0), 0)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (SharingKeyChoice("dynamik"), "Did you mean 'dynamic'"),
        (SharingKeyChoice("equal-ish"), "there are dynamic, static"),
        (SharingKeyChoice("static"), "needs coefficients_ppm"),
        (SharingKeyChoice("static", {"roof": 0}), "nothing would be shared"),
        (SharingKeyChoice("static", {"home-99-load": 1}), "'home-99-load', which has no slot"),
        (SharingKeyChoice("dynamic", {"roof": 1}), "no meaning for the method"),
        (SharingKeyChoice("dynamic", surplus_owner="consumer"), "surplus_owner is 'consumer'"),
    ],
)
def test_a_choice_that_cannot_be_settled_is_refused_with_its_remedy(choice, message):
    with pytest.raises(SharingKeyError, match=message):
        sharing_key(choice, SLOTS)


def test_importing_the_room_does_not_import_numba():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, backend.allocation; sys.exit('numba' in sys.modules)"],
        check=False,
    )
    assert done.returncode == 0
