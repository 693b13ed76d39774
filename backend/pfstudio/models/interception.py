"""Model calls on their way out of this process: answered from a file where one is asked for, kept where one is wanted.

What decides is a `CallKeeper`, one for the whole process. The transports of the HTTP libraries ask it for each model
call; without one they do nothing of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from pfstudio.models.errors import ModelError
from pfstudio.models.exchanges import SentCall, StoredAnswer

REUSED_HEADER: Final = "x-pfstudio-reused"  # On an answer that an earlier run has paid for.


class CallNotRecorded(BaseException):
    """A model call that a recording does not have. Nothing was sent."""


class UnrecordedCallError(ModelError):
    """The same, raised by our own client, which hides nothing and does not try again."""

    def __init__(self, sentence: str, node: str | None) -> None:
        super().__init__(sentence if node is None else f"Node '{node}': {sentence}")


class CallKeeper(Protocol):
    """Answers model calls, or keeps what was answered to them. Called from any thread.

    One that is offline lets no call out. One that stands aside was not asked for by the user, so that it must not
    change when an answer is read.
    """

    is_offline: bool
    is_aside: bool

    @property
    def store(self) -> KeptAnswers | None:
        """Where it keeps answers between runs."""

    def answer(self, call: SentCall) -> StoredAnswer | None:
        """The answer to give; None sends the call.

        Raises:
            CallNotRecorded: there is none, and nothing may be sent.
        """

    def keep(self, call: SentCall, answer: StoredAnswer) -> None:
        """A call that was sent has been answered as a whole. Must not raise."""


class KeptAnswers(Protocol):
    """Where values are kept between runs; `answers` says whether they may be used."""

    answers: bool

    def get(self, key: str) -> Mapping[str, Any] | None: ...

    def put(self, key: str, value: Mapping[str, Any]) -> None: ...


_keeper: CallKeeper | None = None


def current_keeper() -> CallKeeper | None:
    """What model calls of this process go through; None is straight to the server."""
    return _keeper


def is_offline() -> bool:
    """Whether no model call may leave this process."""
    return _keeper is not None and _keeper.is_offline


def kept_answers() -> KeptAnswers | None:
    """The store that model calls are reused from, for others that have something to reuse."""
    return None if _keeper is None else _keeper.store


def set_keeper(keeper: CallKeeper | None) -> CallKeeper | None:
    """Let model calls go through this one from now on; returns the one before."""
    global _keeper  # noqa: PLW0603 - one for the process, as its transports are.
    before = _keeper
    if keeper is not None:
        from pfstudio.models.transports import watch_transports

        watch_transports()
    _keeper = keeper
    return before
