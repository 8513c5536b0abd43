from backend.adapters.clock import FixedClock
from backend.services.one_time import OneTimeTokens


def test_a_token_is_taken_once_for_what_it_was_issued_for_and_before_its_end():
    clock = FixedClock(1000)
    tokens = OneTimeTokens(clock)
    first, second = tokens.issue("log-in"), tokens.issue("log-in")
    assert not tokens.redeem(first, "something else")
    assert tokens.redeem(first, "log-in")
    assert not tokens.redeem(first, "log-in")
    clock.advance(299)
    assert tokens.redeem(second, "log-in")
    late = tokens.issue("log-in")
    clock.advance(300)
    assert not tokens.redeem(late, "log-in")


def test_a_token_that_was_altered_in_any_byte_or_made_by_another_process_is_not_taken():
    clock = FixedClock(1000)
    tokens = OneTimeTokens(clock)
    token = tokens.issue("x")
    for place in range(len(token)):
        altered = bytearray(token)
        altered[place] ^= 1
        assert not tokens.redeem(bytes(altered), "x"), place
    assert not tokens.redeem(token[:-1], "x")
    assert not tokens.redeem(b"", "x")
    assert not OneTimeTokens(clock).redeem(token, "x")
    assert tokens.redeem(token, "x")


def test_tokens_that_nobody_brings_back_fill_no_memory():
    clock = FixedClock(1000)
    tokens = OneTimeTokens(clock)
    for _ in range(1000):
        tokens.issue("x")
    assert not tokens._used  # noqa: SLF001
    for _ in range(10):
        tokens.redeem(tokens.issue("x"), "x")
    clock.advance(300)
    tokens.redeem(tokens.issue("x"), "x")
    assert len(tokens._used) == 1  # noqa: SLF001
