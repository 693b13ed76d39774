"""The environment of a flow: what state it is in, what runs with it, and who may have it built.

Everyone may look, and run somebody's flow with the environment that is there. To have one built, or to take it away, is
its owner's act, or an admin's. Without one a flow runs with the studio's own packages, and its page says why.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor
from pfstudio.audit import service as audit
from pfstudio.audit.acts import Act
from pfstudio.environments.build import Kitchen
from pfstudio.environments.builds import Build, Builds
from pfstudio.environments.errors import (
    EnvironmentsOffError,
    RequirementsError,
)
from pfstudio.environments.libraries import our_folders
from pfstudio.environments.places import Recipe, read_recipe, requirements_file
from pfstudio.environments.process import Bounds
from pfstudio.environments.store import Built, point_to
from pfstudio.flows.locating import FlowPlace, locate_flow
from pfstudio.sandbox.request import WorkerEnvironment
from pfstudio.share.paths import SharePath

Writing = Callable[[], AbstractContextManager[Session]]
_SWEEP_SECONDS = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the studio's settings say."""

    is_on: bool = True
    days: int = 30
    cache_bytes: int = 8 * 2**30


@dataclass(frozen=True, slots=True)
class State:
    """`kind` is one of

    `default`   the flow asks for nothing; the studio's packages it is;
    `ready`     its own environment is there (`built`);
    `building`  it is being built (`build`);
    `missing`   nobody has built it yet;
    `failed`    the last try failed (`problem`);
    `invalid`   the requirements file cannot be used (`problem`);
    `off`       this studio builds none (`problem`).
    """

    kind: str
    file: str | None = None
    built: Built | None = None
    build: Build | None = None
    problem: str | None = None
    line: int | None = None
    recipe: Recipe | None = None
    dropped: tuple[str, ...] = ()
    flows: int = 0


@dataclass(frozen=True, slots=True)
class ForRun:
    """What a run gets: an environment to run with, or a build to wait for first, or a sentence why it has neither."""

    environment: WorkerEnvironment | None = None
    build: Build | None = None
    note: str | None = None


class Environments:
    """The environments of a studio."""

    def __init__(self, kitchen: Kitchen, bounds: Bounds, rules: Rules) -> None:
        self.rules = rules
        self._share = kitchen.share
        self._store = kitchen.store
        self.builds = Builds(kitchen, bounds)
        self._swept = 0.0
        self._sweeping = threading.Lock()

    # --- looking -----------------------------------------------------------------------------------------------

    def state(self, path: SharePath) -> State:
        """The state of a flow's environment; nothing is built.

        Raises:
            FlowNotFoundError: there is no flow at the path.
        """
        return self._state(locate_flow(self._share, path))

    def _state(self, place: FlowPlace) -> State:
        file = requirements_file(self._share, place)
        if file is None:
            return State("default")
        try:
            recipe = read_recipe(self._share, place, file)
        except RequirementsError as error:
            return State("invalid", file, problem=str(error), line=error.line)
        dropped = tuple(recipe.requirements.dropped)
        if recipe.requirements.is_empty:
            return State("default", file, recipe=recipe, dropped=dropped)
        if not self.rules.is_on:
            return State("off", file, problem=str(EnvironmentsOffError()), recipe=recipe, dropped=dropped)
        built, build = self._store.find(recipe), self.builds.last(recipe)
        if build is not None and not build.is_over:
            return State("building", file, built, build, recipe=recipe, dropped=dropped)
        if built is not None:
            flows = len(self._store.users(built))
            return State("ready", file, built, recipe=recipe, dropped=dropped, flows=flows)
        if build is not None and build.error is not None:
            return State("failed", file, None, build, str(build.error), recipe=recipe, dropped=dropped)
        return State("missing", file, recipe=recipe, dropped=dropped)

    # --- running -----------------------------------------------------------------------------------------------

    def for_run(self, path: SharePath, *, actor: Actor, write: Writing) -> ForRun:
        """What a run of this flow by this actor gets. Where it may, it begins to build what is missing.

        `write` opens a session, for the log; most runs need none.
        """
        self._sweep_sometimes()
        place = locate_flow(self._share, path)
        state = self._state(place)
        may_build = actor.may_write(place.owner)
        if state.build is not None and state.kind == "building" and may_build:
            return ForRun(build=state.build)
        if state.built is not None:
            return self._with(state.built, path)
        if state.kind == "default":
            return ForRun()
        if state.recipe is not None and self.rules.is_on and may_build and self.builds.is_worth_a_try(state.recipe):
            with write() as session:
                return ForRun(build=self._start(session, state.recipe, path, actor, fresh=False))
        return ForRun(note=_without(state, place.owner, may_build))

    def after_build(self, build: Build, path: SharePath) -> ForRun:
        """What a run that has waited for a build gets."""
        if build.built is not None:
            return self._with(build.built, path)
        return ForRun(note=f"{build.error} The flow runs without them, with the studio's own packages.")

    def built_for(self, path: SharePath) -> WorkerEnvironment | None:
        """What a terminal in this flow's folder gets: its environment where it is there. Nothing is built.

        Raises:
            FlowNotFoundError: there is no flow at the path.
        """
        built = self.state(path).built
        return None if built is None else self._with(built, path).environment

    def _with(self, built: Built, path: SharePath) -> ForRun:
        folders = our_folders(self._store.root)
        point_to(built.venv, folders, below=self._store.root)  # The studio may have moved since it was built.
        self._store.used(built, str(path))
        return ForRun(WorkerEnvironment(built.venv, tuple(folders)))

    # --- building ----------------------------------------------------------------------------------------------

    def build(self, session: Session, path: SharePath, *, fresh: bool, actor: Actor) -> State:
        """Begin to build, or join the build that runs; where the flow asks for nothing, nothing is done.

        `fresh` asks indexes anew, and builds what is there again.

        Raises:
            ForbiddenError: the flow is somebody else's.
            RequirementsError: the requirements file cannot be used.
            EnvironmentsOffError, TooManyBuildsError: not here, or not now.
        """
        place = locate_flow(self._share, path)
        actor.require_write(place.owner)
        if not self.rules.is_on:
            raise EnvironmentsOffError
        file = requirements_file(self._share, place)
        recipe = read_recipe(self._share, place, file) if file is not None else None
        if recipe is None or recipe.requirements.is_empty:
            return self._state(place)
        if fresh or self._store.find(recipe) is None:
            self._start(session, recipe, path, actor, fresh=fresh)
        return self._state(place)

    def _start(self, session: Session, recipe: Recipe, path: SharePath, actor: Actor, *, fresh: bool) -> Build:
        build = self.builds.start(recipe, flow=str(path), by=actor.username, fresh=fresh)
        if build.by == actor.username and build.flow == str(path):
            details = {"packages": recipe.requirements.names[:50], "environment": recipe.key}
            audit.record(session, actor, Act.ENVIRONMENT_BUILT, str(path), details)
        return build

    def cancel(self, path: SharePath, *, actor: Actor) -> State:
        """End the build that runs for this flow; harmless where none does.

        Raises:
            ForbiddenError: the flow is somebody else's.
        """
        place = locate_flow(self._share, path)
        actor.require_write(place.owner)
        state = self._state(place)
        if state.build is not None and not state.build.is_over:
            state.build.canceled.set()
            state.build.wait(3)
        return self._state(place)

    def reset(self, path: SharePath, *, actor: Actor) -> State:
        """Take the environment away from the flow; it is removed with the last flow that runs with it.

        Raises:
            ForbiddenError: the flow is somebody else's.
        """
        place = locate_flow(self._share, path)
        actor.require_write(place.owner)
        state = self._state(place)
        if state.recipe is not None:
            self.builds.forget(state.recipe)
            if state.built is not None:
                self._store.leave(state.built, state.recipe, str(path))
        return self._state(place)

    def close(self) -> None:
        self.builds.close()

    def _sweep_sometimes(self) -> None:
        if time.monotonic() - self._swept < _SWEEP_SECONDS and self._swept:
            return
        self._swept = time.monotonic()
        threading.Thread(target=self.sweep, name="environment-sweep", daemon=True).start()

    def sweep(self) -> None:
        """Remove what nobody uses any more."""
        with self._sweeping:
            self._store.sweep(days=self.rules.days, cache_bytes=self.rules.cache_bytes)


def python_version() -> str:
    """The version of Python that flows run with, such as `3.11`."""
    return ".".join(platform.python_version_tuple()[:2])


def _without(state: State, owner: str, may_build: bool) -> str:
    """Why the flow runs with the studio's own packages."""
    if state.problem:
        return f"{state.problem} The flow runs without them, with the studio's own packages."
    if not may_build:
        return (
            f"The packages of {state.file} are not installed: that is {owner}'s act, or an admin's. The flow runs with "
            "the studio's own packages."
        )
    return f"The packages of {state.file} are not installed. The flow runs with the studio's own packages."
