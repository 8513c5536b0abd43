import pytest

from backend.errors import TooManyAttemptsError
from backend.services.request_rate import RequestRate


class Now:
    seconds = 0.0

    def __call__(self):
        return self.seconds


def test_a_burst_is_let_through_and_then_so_many_a_second():
    now = Now()
    rate = RequestRate(burst=3, seconds_each=2, now=now)
    for _ in range(3):
        rate.admit("10.0.0.1")
    with pytest.raises(TooManyAttemptsError) as refused:
        rate.admit("10.0.0.1")
    assert 1 <= refused.value.wait_seconds <= 3
    rate.admit("10.0.0.2")
    now.seconds = 2
    rate.admit("10.0.0.1")
    with pytest.raises(TooManyAttemptsError):
        rate.admit("10.0.0.1")
    now.seconds = 100
    for _ in range(3):
        rate.admit("10.0.0.1")


def test_what_was_refused_is_not_counted():
    now = Now()
    rate = RequestRate(burst=1, seconds_each=1, now=now)
    rate.admit("a")
    for _ in range(50):
        with pytest.raises(TooManyAttemptsError):
            rate.admit("a")
    now.seconds = 1
    rate.admit("a")


def test_a_home_has_its_ipv6_network_to_itself():
    rate = RequestRate(burst=1, seconds_each=1, now=Now())
    rate.admit("2001:db8::1")
    with pytest.raises(TooManyAttemptsError):
        rate.admit("2001:db8::2")
    rate.admit("2001:db8:1::1")
