"""Trying a flow: what a worker is given to run it once, and how many tests one user may have at a time.

A worker's rights come from the flow's owner and its runner together. Somebody else's folder is read-only and gets the
workspace's connections only; an admin's test has no more.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor
from pfstudio.accounts.consent import lent_connections
from pfstudio.connections.service import connection_names_of, connection_source_for
from pfstudio.flow.validation import check_flow
from pfstudio.flows.connection_use import connection_names, needed_connections
from pfstudio.flows.errors import ConnectionNotSharedError, ConsentRequiredError, TooManyTestsError
from pfstudio.flows.lending import Frozen, freeze, place_of
from pfstudio.flows.locating import FlowPlace, locate_flow
from pfstudio.flows.model_servers import servers_of
from pfstudio.flows.reading import connections_of_code, read_entry_of
from pfstudio.flows.share_files import ShareFiles
from pfstudio.sandbox.request import TestRequest
from pfstudio.sandbox.running import RunningTest
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import PROMPTY

if TYPE_CHECKING:
    from pfstudio.connections.vault import Vault
    from pfstudio.sandbox.executor import TestSessions

MOST_TESTS = 16
"""Tests one user may have running at a time."""


@dataclass(frozen=True, slots=True)
class TestInputs:
    """What to run: the flow, or one node of it on the node's own inputs. `init` is for flex flows and prompties."""

    inputs: Mapping[str, Any] = field(default_factory=dict)
    node: str | None = None
    variant: str | None = None
    init: Mapping[str, Any] = field(default_factory=dict)


def prepare_test(
    session: Session, share: Share, vault: Vault, path: SharePath, what: TestInputs, *, actor: Actor
) -> TestRequest:
    """What a worker needs for this test, with the connections that the flow names and no others.

    Raises:
        AuthorRequiredError: a viewer runs nothing.
        FlowNotFoundError: there is no flow at the path.
        ConnectionNotSharedError: it is somebody else's and needs a connection that the workspace does not have.
        ConsentRequiredError: the runner has those connections, and has not lent them to the flow as it is now.
    """
    actor.require_author()
    place = locate_flow(share, path)
    owner = place.owner
    names, needed = _connections(share, place, what)
    connections = connection_source_for(session, vault, runner=actor.username, owner=owner, names=names)
    folder = share.real_folder(place.folder)
    if owner != actor.username and (missing := sorted(needed - connections.keys())):
        frozen = _require_consent(session, share, place, missing, actor=actor)
        folder = frozen.folder
        connections |= connection_source_for(session, vault, runner=actor.username, owner=actor.username, names=missing)
    return TestRequest(
        owner=owner,
        runner=actor.username,
        flow_folder=folder,
        flow_file=place.file,
        inputs=what.inputs,
        node=what.node,
        variant=what.variant,
        init=what.init,
        connections=connections,
        servers=servers_of(_by_admins(session, connections, actor=actor)),
        writable=owner == actor.username,
    )


def _by_admins(session: Session, connections: Mapping[str, dict[str, Any]], *, actor: Actor) -> list[Mapping[str, Any]]:
    """Those that an admin made: the workspace's, and an admin's own."""
    own = set() if actor.is_admin else connection_names_of(session, connections, owner=actor.username)
    return [fields for name, fields in connections.items() if name not in own]


def _require_consent(session: Session, share: Share, place: FlowPlace, missing: list[str], *, actor: Actor) -> Frozen:
    """The flow as the runner has seen it when they lent these connections of theirs to it."""
    own = connection_names_of(session, missing, owner=actor.username)
    if set(missing) - own or _reads_elsewhere(share, place):
        raise ConnectionNotSharedError(missing, place.owner)
    frozen = freeze(share, place.folder, runner=actor.username)
    if frozen is None:
        raise ConnectionNotSharedError(missing, place.owner)
    if set(missing) - lent_connections(session, frozen.snapshot, actor=actor):
        raise ConsentRequiredError(missing, place.owner, frozen.snapshot)
    return frozen


def _reads_elsewhere(share: Share, place: FlowPlace) -> bool:
    """Whether the flow takes files from outside its folder, which its copy would not hold."""
    return place.kind != "prompty" and b"additional_includes" in ShareFiles(share, place.folder).read_bytes(place.file)


def _connections(share: Share, place: FlowPlace, what: TestInputs) -> tuple[set[str], set[str]]:
    """Those that a worker may have for this test, and those without which it fails before it begins."""
    files = ShareFiles(share, place.folder)
    if place.kind != "dag":
        needed = set(read_entry_of(files, place, what.init).needs)
        return needed | connections_of_code(share, files, place), needed
    flow = check_flow(files, place.file).flow
    if flow is None:
        return set(), set()
    offered = connection_names(files, flow) | connections_of_code(share, files, place)
    return offered, needed_connections(files, flow, node=what.node, variant=what.variant)


_running: WeakKeyDictionary[TestSessions, dict[str, list[RunningTest]]] = WeakKeyDictionary()
_guard = threading.Lock()


def start_test(sessions: TestSessions, request: TestRequest) -> RunningTest:
    """Start it; returns at once.

    Raises:
        TooManyTestsError: the runner has as many running as may be.
    """
    with _guard:
        by_runner = _running.setdefault(sessions, {})
        mine = [test for test in by_runner.get(request.runner, []) if not test.is_finished]
        if len(mine) >= MOST_TESTS:
            raise TooManyTestsError(MOST_TESTS)
        test = sessions.start(request)
        by_runner[request.runner] = [*mine, test]
    return test


def stop_tests(sessions: TestSessions, share: Share, path: SharePath, *, actor: Actor) -> int:
    """Stop what the actor is running of this flow, and tell how many tests that were.

    Raises:
        PathNotFoundError: there is no such folder.
    """
    lent = place_of(share, path.parent if path.name.endswith(PROMPTY) else path, actor.username)
    with _guard:
        mine = list(_running.get(sessions, {}).get(actor.username, []))
    stopped = [test for test in mine if not test.is_finished and test.request.flow_folder.is_relative_to(lent)]
    for test in stopped:
        test.cancel()
    if stopped:
        return len(stopped)
    if path.name.endswith(PROMPTY):  # Beside it there may be others.
        return sessions.cancel(actor.username, share.real_folder(path.parent), path.name)
    return sessions.cancel(actor.username, share.real_folder(path))
