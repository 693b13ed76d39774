"""Guessing passwords gets slow long before it gets anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from pfstudio.accounts import limits
from pfstudio.accounts.errors import TooManySignInsError
from pfstudio.accounts.limits import SignInLimits
from pfstudio.db.models import SignInTryRow
from pfstudio.db.session import Database
from pfstudio.kit.clock import utc_now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(limits, "utc_now", made)
    return made


@pytest.fixture
def guard(database: Database) -> SignInLimits:
    return SignInLimits(database)


class Clock:
    """A clock that stands still until a test sets it forward."""

    now = utc_now()

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


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


def test_one_name_from_one_address_is_stopped_after_eight_tries_and_told_how_long(
    guard: SignInLimits, clock: Clock
) -> None:
    assert _tries(guard, 20) == 8

    clock.pass_by(100)
    with pytest.raises(TooManySignInsError) as caught:
        guard.begin("ada", "10.0.0.1")
    assert caught.value.retry_after == limits.WINDOW_SECONDS - 100


def test_tries_are_forgotten_after_the_window(guard: SignInLimits, clock: Clock) -> None:
    _tries(guard, 8)

    clock.pass_by(limits.WINDOW_SECONDS + 1)

    assert _tries(guard, 8) == 8


def test_nobody_can_lock_out_another_from_one_address(guard: SignInLimits, clock: Clock) -> None:
    _tries(guard, 100, name="victim", address="10.6.6.6")

    guard.begin("victim", "10.0.0.7")


def test_one_address_cannot_try_one_password_on_every_name(guard: SignInLimits, clock: Clock) -> None:
    assert sum(_tries(guard, 1, name=f"user{number}") for number in range(100)) == limits.TRIES_PER_ADDRESS


def test_all_addresses_of_one_ipv6_network_are_one(guard: SignInLimits, clock: Clock) -> None:
    passed = [
        _tries(guard, 1, address=address) for address in (*(f"2001:db8::{n:x}" for n in range(20)), "fe80::1%eth0")
    ]

    assert sum(passed) == 8 + 1
    assert _tries(guard, 1, address="2001:db8:0:1::1") == 1


def test_an_ipv4_address_is_the_same_written_as_ipv6(guard: SignInLimits, clock: Clock) -> None:
    assert _tries(guard, 5, address="10.0.0.1") + _tries(guard, 5, address="::ffff:10.0.0.1") == 8


def test_odd_names_and_addresses_are_counted_like_any(guard: SignInLimits, clock: Clock) -> None:
    odd = [("", ""), ("\0", "not an address"), ("x" * 100_000, "::1%" + "x" * 300), ("\ud800", "' OR 1=1 --")]

    assert [_tries(guard, 9, name=name, address=address) for name, address in odd] == [8] * 4


def test_many_addresses_cannot_try_one_name_for_ever(guard: SignInLimits, clock: Clock) -> None:
    assert sum(_tries(guard, 1, address=f"10.0.0.{number}") for number in range(200)) == limits.TRIES_PER_NAME


def test_a_right_password_gives_its_tries_back(guard: SignInLimits, clock: Clock) -> None:
    for _ in range(200):
        guard.begin("ada", "10.0.0.1")
        guard.succeeded("ada", "10.0.0.1")


def test_parallel_tries_of_two_processes_do_not_slip_through(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(2)]
    guards = [SignInLimits(database) for database in databases]
    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(lambda number: _tries(guards[number % 2], 4), range(8)))
    for database in databases:
        database.close()

    assert passed == limits.TRIES_PER_NAME_AND_ADDRESS


def test_what_counts_no_more_is_not_kept(guard: SignInLimits, database: Database, clock: Clock) -> None:
    for number in range(20):
        _tries(guard, 1, name=f"user{number}", address=f"address{number}")
    clock.pass_by(limits.WINDOW_SECONDS + 1)
    _tries(guard, 1)

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignInTryRow)) == 1


@pytest.mark.parametrize("name", ["a" * 10_000, "nul\0", "\ud800", "日本 🙂", ""])
def test_any_text_counts_as_a_name_and_none_is_kept(guard: SignInLimits, database: Database, name: str) -> None:
    assert _tries(guard, 9, name=name, address=name) == 8

    with database.read() as session:
        (row, *_) = session.scalars(select(SignInTryRow))
    assert {len(row.name_hash), len(row.address_hash)} == {64}
