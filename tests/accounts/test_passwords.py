"""Passwords: argon2id, bounded at once, the same time for those who do not exist."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pfstudio.accounts.errors import InvalidPasswordError, TooManySignInsError
from pfstudio.accounts.passwords import LONGEST, Passwords, check_password_rules


def test_a_stored_password_is_argon2id_with_the_chosen_cost() -> None:
    stored = Passwords().hash("correct horse")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "horse" not in stored


def test_only_the_right_password_fits() -> None:
    passwords = Passwords()
    stored = passwords.hash("correct horse")

    assert passwords.fits(stored, "correct horse")
    assert not passwords.fits(stored, "correct horsE")
    assert not passwords.fits(stored, "")
    assert not passwords.fits(None, "correct horse")
    assert not passwords.fits("not a hash", "correct horse")


def test_a_password_of_the_longest_length_does_not_fit_with_more_behind_it() -> None:
    passwords = Passwords()
    stored = passwords.hash("x" * LONGEST)

    assert passwords.fits(stored, "x" * LONGEST)
    assert not passwords.fits(stored, "x" * (LONGEST + 1))


def test_a_user_who_does_not_exist_takes_as_long_as_a_wrong_password() -> None:
    passwords = Passwords()
    stored = passwords.hash("correct horse")

    def cost(given: str | None) -> float:
        times = []
        for _ in range(9):
            began = time.thread_time()
            passwords.fits(given, "wrong password")
            times.append(time.thread_time() - began)
        return statistics.median(times)

    known, unknown = cost(stored), cost(None)
    assert 0.5 < unknown / known < 2


def test_more_than_eight_callers_at_once_are_refused_instead_of_taking_all_threads() -> None:
    passwords = Passwords(at_once=1, waiting=2)
    start = threading.Barrier(12)

    def try_it(_: int) -> str:
        start.wait()
        try:
            passwords.fits(None, "whatever")
        except TooManySignInsError:
            return "refused"
        return "checked"

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(try_it, range(12)))

    assert outcomes.count("refused") >= 1
    assert outcomes.count("checked") >= 3
    assert not passwords.fits(None, "and it works again afterwards")


@pytest.mark.parametrize("password", ["", "short", "1234567", "x" * (LONGEST + 1), "lovelace", "LoveLace"])
def test_weak_passwords_are_refused_in_words(password: str) -> None:
    with pytest.raises(InvalidPasswordError, match="This password cannot be used: "):
        check_password_rules(password, username="lovelace")
