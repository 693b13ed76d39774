"""The builds that run now: one for each content, heard by whoever looks, canceled by whoever may."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from pfstudio.environments.build import Kitchen, Work
from pfstudio.environments.errors import BuildCanceledError, BuildFailedError, TooManyBuildsError
from pfstudio.environments.places import Recipe
from pfstudio.environments.process import Bounds
from pfstudio.environments.progress import Progress
from pfstudio.environments.store import Built
from pfstudio.errors import PromptflowException
from pfstudio.kit.ids import new_id

_log = logging.getLogger(__name__)
_AT_ONCE = 2
_MOST_WAITING = 16
_MOST_OF_ONE = 3
_REMEMBERED = 200
_RETRY_SECONDS = 120.0

Event = dict[str, Any]
Listener = Callable[[Event], None]


class Build:
    """Safe to use from any thread. The last event is `finished`, `failed` or `canceled`."""

    def __init__(self, recipe: Recipe, flow: str, by: str) -> None:
        self.id = new_id(10)
        self.recipe = recipe
        self.flow = flow
        self.by = by
        self.started_at = time.time()
        self.progress = Progress("waiting")
        self.built: Built | None = None
        self.error: PromptflowException | None = None
        self.ended_at: float | None = None
        self.canceled = threading.Event()
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=4_000)
        self._listeners: list[Listener] = []
        self._ended = threading.Event()

    @property
    def is_over(self) -> bool:
        return self._ended.is_set()

    @property
    def log(self) -> str:
        with self._lock:
            return "\n".join(self._lines)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it is over."""
        return self._ended.wait(seconds)

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with each event, the log and the progress so far first; it must return at once."""
        with self._lock:
            for line in self._lines:
                listener({"event": "log", "line": line})
            listener(self._progress_event())
            if self._ended.is_set():
                listener(self._last_event())
            else:
                self._listeners.append(listener)

    def unsubscribe(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def tell(self, progress: Progress) -> None:
        with self._lock:
            self.progress = progress
            self._publish(self._progress_event())

    def say(self, line: str) -> None:
        with self._lock:
            self._lines.append(line)
            self._publish({"event": "log", "line": line})

    def end(self, built: Built | None, error: PromptflowException | None) -> None:
        with self._lock:
            self.built, self.error, self.ended_at = built, error, time.time()
            self._ended.set()
            self._publish(self._last_event())
            self._listeners.clear()

    def _publish(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def _progress_event(self) -> Event:
        return {"event": "progress", **asdict(self.progress)}

    def _last_event(self) -> Event:
        if self.error is None:
            return {"event": "finished"}
        return {"event": "failed", "code": self.error.code, "message": str(self.error)}


class Builds:
    """What is being built, and how the last try of each content ended."""

    def __init__(self, kitchen: Kitchen, bounds: Bounds) -> None:
        self.kitchen = kitchen
        self._bounds = bounds
        self._lock = threading.Lock()
        self._room = threading.Semaphore(_AT_ONCE)
        self._last: dict[tuple[str, str], Build] = {}

    def last(self, recipe: Recipe) -> Build | None:
        """The build of this content that runs, or else the one that failed last."""
        with self._lock:
            return self._last.get(_place(recipe))

    def start(self, recipe: Recipe, *, flow: str, by: str, fresh: bool) -> Build:
        """Build it in a thread; where it is being built already, that build.

        Raises:
            TooManyBuildsError: as many as may be are running or waiting.
        """
        with self._lock:
            before = self._last.get(_place(recipe))
            if before is not None and not before.is_over:
                return before
            running = [build for build in self._last.values() if not build.is_over]
            if len(running) >= _MOST_WAITING or sum(build.by == by for build in running) >= _MOST_OF_ONE:
                raise TooManyBuildsError
            build = Build(recipe, flow, by)
            self._last[_place(recipe)] = build
            over = [place for place, one in self._last.items() if one.is_over]
            for place in over[: max(0, len(self._last) - _REMEMBERED)]:
                del self._last[place]
        # A thread of its own: the kernel ends a sandbox with the thread that started it.
        threading.Thread(target=self._run, args=(build, fresh), name="environment-build", daemon=True).start()
        return build

    def forget(self, recipe: Recipe) -> None:
        """Let the next run try again."""
        with self._lock:
            build = self._last.get(_place(recipe))
            if build is not None and build.is_over:
                del self._last[_place(recipe)]

    def is_worth_a_try(self, recipe: Recipe) -> bool:
        """Whether a run should build it by itself: what failed for good fails again until somebody says otherwise."""
        build = self.last(recipe)
        if build is None or build.error is None:
            return True
        is_passing = build.error.code in ("package_index_unreachable", "too_many_builds", "uv_missing")
        return is_passing and time.time() - (build.ended_at or 0) > _RETRY_SECONDS

    def close(self) -> None:
        """End all builds."""
        with self._lock:
            builds = list(self._last.values())
        for build in builds:
            build.canceled.set()
        for build in builds:
            build.wait(5)

    def _run(self, build: Build, fresh: bool) -> None:
        try:
            self._wait_for_room(build)
            try:
                # A flow of another owner may have had the same packages installed meanwhile.
                built = None if fresh else self.kitchen.store.find(build.recipe)
                build.end(built or self._work(build, fresh).run(), None)
            finally:
                self._room.release()
        except PromptflowException as error:
            build.say(str(error))
            build.end(None, error)
        except Exception as error:  # Whoever waits for the build must hear of its end.
            _log.exception("an environment could not be built")
            build.end(None, BuildFailedError(f"The packages were not installed: {type(error).__name__}."))

    def _wait_for_room(self, build: Build) -> None:
        while not self._room.acquire(timeout=0.2):
            if build.canceled.is_set():
                raise BuildCanceledError

    def _work(self, build: Build, fresh: bool) -> Work:
        bounds = replace(self._bounds, is_canceled=build.canceled.is_set)
        return Work(build.recipe, self.kitchen, bounds, fresh, build.tell, build.say)


def _place(recipe: Recipe) -> tuple[str, str]:
    return recipe.key, recipe.owner
