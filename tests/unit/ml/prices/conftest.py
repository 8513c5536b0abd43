"""A hundred days of real prices, and experts small enough to learn from them in a moment."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from backend.forecasting import Series
from ml.prices.lear import Lear
from ml.prices.price import PriceModel
from ml.prices.smooth import KernelRidge, Network
from ml.prices.trees import Trees
from ml.prices.walk import Expert

DAY = 86_400


@pytest.fixture(scope="session")
def nord_pool():
    text = gzip.decompress((Path(__file__).parent / "nord_pool_2018.csv.gz").read_bytes()).decode()
    rows = [line.split(",") for line in text.split("\n")[1:-1]]
    start = int(np.datetime64(rows[0][0]).astype("datetime64[s]").astype(np.int64))
    price, load, wind = np.array([row[1:] for row in rows], dtype=np.float64).T
    return Series(start, 3600, price, {"load": load, "wind": wind}, unit="EUR/MWh")


@pytest.fixture(scope="session")
def small_model():
    experts = (
        Expert(Lear(56, 0.3)),
        Expert(KernelRidge(window=56)),
        Expert(Trees(window=56, rounds=10)),
        Expert(Network(window=56, seeds=1, hidden=(8,), epochs=5)),
    )
    return PriceModel(seed=3, experts=experts, trial_days=21, trial_every=14)


@pytest.fixture(scope="session")
def lean_model():
    return PriceModel(experts=(Expert(Lear(56, 0.3)), Expert(KernelRidge(window=56))), trial_days=21)
