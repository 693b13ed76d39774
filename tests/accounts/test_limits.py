"""Guessing passwords gets slow long before it gets anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pfstudio.accounts import limits
from pfstudio.accounts.errors import TooManySignInsError
from pfstudio.accounts.limits import SignInLimits


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _tries(guard: SignInLimits, count: int, *, name: str = "ada", address: str = "10.0.0.1") -> int:
    """How many of these tries were let through."""
    passed = 0
    for _ in range(count):
        try:
            guard.begin(name, address)
        except TooManySignInsError:
            continue
        passed += 1
    return passed


def test_one_name_from_one_address_is_stopped_after_eight_tries_and_told_how_long(clock: Clock) -> None:
    guard = SignInLimits(clock)
    assert _tries(guard, 20) == 8

    clock.now += 100
    with pytest.raises(TooManySignInsError) as caught:
        guard.begin("ada", "10.0.0.1")
    assert caught.value.retry_after == limits.WINDOW_SECONDS - 100


def test_tries_are_forgotten_after_the_window(clock: Clock) -> None:
    guard = SignInLimits(clock)
    _tries(guard, 8)

    clock.now += limits.WINDOW_SECONDS + 1

    assert _tries(guard, 8) == 8


def test_nobody_can_lock_out_another_from_one_address(clock: Clock) -> None:
    guard = SignInLimits(clock)
    _tries(guard, 100, name="victim", address="10.6.6.6")

    guard.begin("victim", "10.0.0.7")


def test_one_address_cannot_try_one_password_on_every_name(clock: Clock) -> None:
    guard = SignInLimits(clock)
    assert sum(_tries(guard, 1, name=f"user{number}") for number in range(100)) == limits.TRIES_PER_ADDRESS


def test_many_addresses_cannot_try_one_name_for_ever(clock: Clock) -> None:
    guard = SignInLimits(clock)
    assert sum(_tries(guard, 1, address=f"10.0.0.{number}") for number in range(200)) == limits.TRIES_PER_NAME


def test_a_right_password_gives_its_tries_back(clock: Clock) -> None:
    guard = SignInLimits(clock)
    for _ in range(200):
        guard.begin("ada", "10.0.0.1")
        guard.succeeded("ada", "10.0.0.1")


def test_parallel_tries_do_not_slip_through() -> None:
    guard = SignInLimits()
    with ThreadPoolExecutor(16) as pool:
        passed = sum(pool.map(lambda _: _tries(guard, 5), range(16)))
    assert passed == limits.TRIES_PER_NAME_AND_ADDRESS


def test_a_flood_of_names_does_not_fill_the_memory(clock: Clock) -> None:
    guard = SignInLimits(clock)
    for number in range(limits.MOST_KEYS):
        _tries(guard, 1, name=f"user{number}", address=f"address{number}")
    assert len(guard._tries) <= limits.MOST_KEYS
