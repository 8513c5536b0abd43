import pytest

from backend.adapters.clock import FixedClock
from backend.errors import TooManyAttemptsError
from backend.services.attempts import AttemptLimiter, name_network


@pytest.fixture
def clock():
    return FixedClock(1_700_000_000)


def fail_often(limiter, times, name="ada", address="192.0.2.1"):
    for _ in range(times):
        limiter.begin(name, address)


def wait_of(limiter, name="ada", address="192.0.2.1"):
    with pytest.raises(TooManyAttemptsError) as refused:
        limiter.begin(name, address)
    return refused.value.wait_seconds


def test_five_attempts_are_free_and_each_further_one_doubles_the_wait_up_to_a_quarter_hour(clock):
    limiter = AttemptLimiter(clock)
    fail_often(limiter, 5)
    waits = []
    for _ in range(8):
        waits.append(wait_of(limiter))
        clock.advance(waits[-1])
        limiter.begin("ada", "192.0.2.1")
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_attempts_that_are_under_way_count_too_so_that_many_at_once_are_no_way_around(clock):
    limiter = AttemptLimiter(clock)
    attempts = [limiter.begin("ada", "192.0.2.1") for _ in range(5)]
    wait_of(limiter)
    limiter.succeeded(attempts[0])
    limiter.begin("ada", "192.0.2.1")


def test_a_refused_attempt_does_not_make_the_wait_longer(clock):
    limiter = AttemptLimiter(clock)
    fail_often(limiter, 5)
    assert [wait_of(limiter) for _ in range(20)] == [30] * 20


def test_another_name_from_the_same_address_is_free_until_the_address_has_failed_thirty_times(clock):
    limiter = AttemptLimiter(clock)
    for number in range(30):
        limiter.begin(f"name-{number}", "192.0.2.1")
    wait_of(limiter, name="name-99")
    limiter.begin("name-99", "192.0.2.2")


def test_a_name_that_many_addresses_guess_at_is_stopped_for_all(clock):
    limiter = AttemptLimiter(clock)
    for number in range(100):
        limiter.begin("ada", f"192.0.2.{number}")
    wait_of(limiter, address="198.51.100.1")
    limiter.begin("ben", "198.51.100.1")


def test_failures_are_forgotten_after_an_hour(clock):
    limiter = AttemptLimiter(clock)
    fail_often(limiter, 4)
    clock.advance(3600)
    fail_often(limiter, 4)
    limiter.begin("ada", "192.0.2.1")
    wait_of(limiter)


def test_success_forgets_the_failures_of_that_name_there(clock):
    limiter = AttemptLimiter(clock)
    fail_often(limiter, 4)
    limiter.succeeded(limiter.begin("ada", "192.0.2.1"))
    fail_often(limiter, 5)
    wait_of(limiter)


def test_memory_is_bounded_whatever_names_are_tried(clock):
    limiter = AttemptLimiter(clock, capacity=50)
    for number in range(500):
        limiter.begin(f"name-{number}", f"2001:db8:{number:x}::1")
    assert len(limiter) == 50


def test_a_home_with_many_addresses_counts_as_one():
    assert name_network("2001:db8:1:2:aaaa::1") == name_network("2001:db8:1:2:bbbb::2") == "2001:db8:1:2::/64"
    assert name_network("192.0.2.1") != name_network("192.0.2.2")
    assert name_network("testclient") == "testclient"
