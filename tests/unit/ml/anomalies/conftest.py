from dataclasses import replace

import numpy as np
import pytest

from backend.adapters.demo_data.homes import read_homes
from backend.forecasting import Series, Site

# The hours of the source are those of the clock; a zone without summer time lays the first at midnight.
FIRST_UTC = 1_470_038_400
SITE = Site("Etc/GMT+8", "US")
DAY = 86400


@pytest.fixture(scope="session")
def homes():
    """Ten real homes over six months, in watts."""
    read = read_homes()
    chosen = [place for place, number in enumerate(read.numbers) if number not in {7, 12, 15}][:10]
    return {
        f"home {read.numbers[place]}": Series(
            FIRST_UTC, 3600, read.load[place, : 200 * 24].astype(np.float64) * 1e-13
        )
        for place in chosen
    }


@pytest.fixture
def span():
    """Days 150 to 190."""
    return FIRST_UTC + 150 * DAY, FIRST_UTC + 190 * DAY


@pytest.fixture
def changed(homes):
    """A function that changes one home's values."""

    def change(name, change_values):
        values = homes[name].values.copy()
        change_values(values)
        return homes | {name: replace(homes[name], values=values)}

    return change
