"""What routes ask for: the studio's parts, a database session, the actor."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from pfstudio.accounts.actor import Actor
from pfstudio.accounts.errors import NotSignedInError
from pfstudio.accounts.limits import SignInLimits
from pfstudio.accounts.passwords import Passwords
from pfstudio.accounts.service import WAIVER
from pfstudio.accounts.sessions import Identity
from pfstudio.db.session import Database
from pfstudio.server.addresses import Seen
from pfstudio.server.live_connections import LiveConnections
from pfstudio.server.schemas.auth import IsolationRead
from pfstudio.server.settings import Settings

if TYPE_CHECKING:
    from pfstudio.accounts.oidc_provider import Provider
    from pfstudio.connections.vault import Vault
    from pfstudio.environments.service import Environments
    from pfstudio.history.recorder import Recorder
    from pfstudio.history.retention import Retention
    from pfstudio.sandbox.executor import TestSessions
    from pfstudio.sandbox.isolation import Isolation
    from pfstudio.share.paths import Limits, Share
    from pfstudio.terminals.keeper import TerminalKeeper


class Studio:
    """The parts of a running studio that requests share. Costly ones are made when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.url_of_database)
        self.passwords = Passwords()
        self.limits = SignInLimits(self.database)
        self.live = LiveConnections(self.database)
        self.stopping = asyncio.Event()
        """Set when this process is to end or to be replaced: streams end, and connections are not kept."""
        self._making = threading.RLock()

    @cached_property
    def share(self) -> Share:
        from pfstudio.share.paths import Share

        with self._making:
            return Share(self.settings.share_root, limits=self._limits())

    def _limits(self) -> Limits:
        from pfstudio.share.paths import Limits

        settings, megabyte = self.settings, 1024 * 1024
        return Limits(
            file_bytes=settings.upload_limit * megabyte,
            user_bytes=settings.quota_user * megabyte or None,
            flow_bytes=settings.quota_flow * megabyte or None,
            reserve_bytes=settings.quota_reserve * megabyte,
        )

    @cached_property
    def recorder(self) -> Recorder:
        from pfstudio.history.recorder import Recorder
        from pfstudio.history.upkeep import Upkeep

        with self._making:
            return self.__dict__.get("recorder") or Recorder(
                self.retention.store,
                self.share,
                self.database,
                Upkeep(self.retention.store, self.share, self.retention),
            )

    @cached_property
    def retention(self) -> Retention:
        from pfstudio.history.retention import Retention, Rule
        from pfstudio.share.snapshots import SnapshotStore

        rule = Rule(days=self.settings.history_days, keep=self.settings.history_keep)
        with self._making:
            return self.__dict__.get("retention") or Retention(
                SnapshotStore(self.settings.snapshots), self.share, self.database, rule
            )

    @cached_property
    def tests(self) -> TestSessions:
        from pfstudio.sandbox.executor import LocalExecutor, TestSessions
        from pfstudio.server.flow_network import network_of

        with self._making:
            if "tests" in self.__dict__:
                return self.tests
            network, rules = network_of(self.settings, self.isolation)
            return TestSessions(
                LocalExecutor(
                    share_root=self.settings.share_root,
                    hidden=(self.settings.data,),
                    environments=self.settings.data / "environments",
                    network=network,
                    rules=rules,
                )
            )

    @cached_property
    def environments(self) -> Environments:
        from pfstudio.server.environments import make_environments

        with self._making:
            return self.__dict__.get("environments") or make_environments(self)

    @cached_property
    def terminals(self) -> TerminalKeeper:
        from pfstudio.server.terminals import make_keeper

        with self._making:
            return self.__dict__.get("terminals") or make_keeper(self)

    @cached_property
    def isolation(self) -> Isolation:
        from pfstudio.sandbox.isolation import probe

        with self._making:
            return self.__dict__.get("isolation") or probe()

    @cached_property
    def vault(self) -> Vault:
        from pfstudio.connections.vault import Vault, load_or_create_key

        given = self.settings.secret_key
        with self._making:
            return Vault(given.encode() if given else load_or_create_key(self.settings.key_file))

    @cached_property
    def oidc(self) -> Provider | None:
        """Where people may sign in by OpenID Connect; None where the settings name no provider."""
        from pfstudio.accounts.oidc_provider import OidcSettings, Provider

        given = self.settings
        if given.oidc_issuer is None or given.oidc_client_id is None:
            return None
        scopes = " ".join(dict.fromkeys(["openid", *given.oidc_scopes.split()]))
        return Provider(
            OidcSettings(
                issuer=given.oidc_issuer,
                client_id=given.oidc_client_id,
                secret=given.oidc_client_secret,
                scopes=scopes,
                groups_claim=given.oidc_groups_claim,
            )
        )

    def isolation_read(self) -> IsolationRead:
        """Whether isolation is active, with a sentence when it is not."""
        isolation = self.isolation
        active = isolation.kind != "none"
        return IsolationRead(active=active, note=None if active else isolation.reason)

    def isolation_problem(self) -> str | None:
        """Why there can be no second account; None when isolation is active or waived in the exact words."""
        read = self.isolation_read()
        if read.active or self.settings.isolation_waiver == WAIVER:
            return None
        return read.note or "nothing was found to isolate with."

    def close(self) -> None:
        """Ends workers and closes the database."""
        self.stopping.set()
        self.live.close()
        if "tests" in self.__dict__:
            self.tests.close()
        if "environments" in self.__dict__:
            self.environments.close()
        if "terminals" in self.__dict__:
            self.terminals.close()
        if "recorder" in self.__dict__:
            self.recorder.close()
        self.database.close()


async def studio_of(connection: HTTPConnection) -> Studio:
    """The studio that serves this request."""
    studio: Studio = connection.app.state.studio
    return studio


StudioState = Annotated[Studio, Depends(studio_of)]


def _read_session(studio: StudioState) -> Iterator[Session]:
    with studio.database.read() as session:
        yield session


def _write_session(studio: StudioState) -> Iterator[Session]:
    with studio.database.write() as session:
        yield session


# The scope "function" ends the session, and with it commits, before the answer leaves: nobody reads "201" for what a
# failing commit then loses.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]


async def _current_actor(connection: HTTPConnection) -> Actor:
    actor: Actor | None = connection.scope.get("pfstudio.actor")
    if actor is None:
        raise NotSignedInError
    return actor


async def _current_identity(connection: HTTPConnection) -> Identity:
    identity: Identity | None = connection.scope.get("pfstudio.identity")
    if identity is None:
        raise NotSignedInError
    return identity


async def _request_seen(connection: HTTPConnection) -> Seen:
    seen: Seen = connection.scope["pfstudio.seen"]
    return seen


async def _client_address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


CurrentActor = Annotated[Actor, Depends(_current_actor)]
CurrentIdentity = Annotated[Identity, Depends(_current_identity)]
RequestSeen = Annotated[Seen, Depends(_request_seen)]
ClientAddress = Annotated[str, Depends(_client_address)]
