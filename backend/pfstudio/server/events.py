"""Server-sent events: one stream per browser, and what each of them watches."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from fastapi.responses import StreamingResponse

from pfstudio.accounts.actor import Actor
from pfstudio.errors import InvalidError, NotFoundError, RateLimitedError
from pfstudio.kit.ids import new_id
from pfstudio.server.deps import Studio
from pfstudio.share.paths import SharePath
from pfstudio.share.watch import FolderChanges, Subscription, Watcher

MOST_STREAMS = 20
"""Streams one user may have open; a browser needs one."""
KEEP_ALIVE_SECONDS = 15.0
_MOST_WAITING = 200
_MOST_WRITERS = 5000


class StreamNotFoundError(NotFoundError):
    code = "stream_not_found"

    def __init__(self, stream: str) -> None:
        super().__init__(f"There is no open event stream '{stream[:40]}' of yours.")


class TooManyStreamsError(RateLimitedError):
    code = "too_many_streams"

    def __init__(self) -> None:
        super().__init__(f"{MOST_STREAMS} event streams of yours are open already. Close a window first.")
        self.retry_after = 5


class NotAskedForEventsError(InvalidError):
    code = "not_asked_for_events"

    def __init__(self) -> None:
        super().__init__("This is a stream of events; ask for it with the header 'Accept: text/event-stream'.")


class Stream:
    """One open stream. Events wait in it until the browser takes them; too many become one `rescan` a folder."""

    def __init__(self, owner: str) -> None:
        self.name = new_id()
        self.owner = owner
        self.watched: dict[SharePath, Subscription] = {}
        self.open: frozenset[SharePath] = frozenset()
        self.guard = threading.Lock()
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._something = asyncio.Event()

    def tell(self, changes: FolderChanges) -> None:
        """Pass on what changed in a folder; from any thread."""
        body: dict[str, Any] = {"folder": str(changes.folder)}
        if not changes.rescan:
            body["changes"] = [{"path": change.path, "kind": change.kind} for change in changes.changes]
        self.send("rescan" if changes.rescan else "files", body)

    def send(self, name: str, body: dict[str, Any]) -> None:
        """Let the browser have an event; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._put, (name, body))

    def _put(self, event: tuple[str, dict[str, Any]]) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            everything = [*self._waiting, event]
            folders = dict.fromkeys(body["folder"] for name, body in everything if name != "presence")
            last = {body["path"]: body for name, body in everything if name == "presence"}
            self._waiting = [("rescan", {"folder": folder}) for folder in folders]
            self._waiting += [("presence", body) for body in last.values()]
        else:
            self._waiting.append(event)
        self._something.set()

    async def take(self) -> list[tuple[str, dict[str, Any]]]:
        """What has come in, once there is something; nothing after a while without events."""
        try:
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                await self._something.wait()
        except TimeoutError:
            return []
        taken, self._waiting = self._waiting, []
        self._something.clear()
        return taken


class Hub:
    """The open streams of one studio, and the watcher they share. It knows those of its own process only."""

    def __init__(self, studio: Studio) -> None:
        self.writers = Writers()
        self._watcher = Watcher(studio.share)
        self._recorder = studio.recorder
        self._streams: dict[str, Stream] = {}
        self._guard = threading.Lock()

    def open(self, actor: Actor) -> Stream:
        """A new stream.

        Raises:
            TooManyStreamsError: the actor has as many as may be.
        """
        with self._guard:
            if sum(stream.owner == actor.username for stream in self._streams.values()) >= MOST_STREAMS:
                raise TooManyStreamsError
            stream = Stream(actor.username)
            self._streams[stream.name] = stream
        return stream

    def watch(self, name: str, folders: Iterable[SharePath], *, actor: Actor) -> None:
        """Make a stream hear about these folders and no others. What changes after this returns is told.

        Raises:
            StreamNotFoundError: the actor has no such stream open.
        """
        stream = self._stream(name, actor)
        wanted = {folder for folder in folders if folder.owner is not None}
        with stream.guard:
            for folder in set(stream.watched) - wanted:
                stream.watched.pop(folder).close()
            for folder in wanted - set(stream.watched):
                stream.watched[folder] = self._watcher.watch(folder, partial(self._tell, stream))
            if name not in self._streams:  # It was closed meanwhile.
                _forget(stream)

    def _tell(self, stream: Stream, changes: FolderChanges) -> None:
        stream.tell(changes)
        paths = [changes.folder] if changes.rescan else [SharePath.parse(change.path) for change in changes.changes]
        self._recorder.noticed(paths)

    def show_open(self, name: str, paths: Iterable[SharePath], *, actor: Actor) -> None:
        """Say what the browser of a stream has open, to everyone whom it concerns.

        Raises:
            StreamNotFoundError: the actor has no such stream open.
        """
        with self._guard:
            stream = self._stream(name, actor)
            before, stream.open = stream.open, frozenset(path for path in paths if path.owner is not None)
            self._tell_presence(before ^ stream.open)
            newly = stream.open - before
            told = before ^ stream.open
            there = {path for other in self._streams.values() for path in other.open} - told
            for path in sorted(there, key=str):
                if _concerns(newly, path) and not _concerns(before, path):
                    stream.send("presence", self._presence(path))

    def close(self, stream: Stream) -> None:
        """The browser has gone."""
        with self._guard:
            self._streams.pop(stream.name, None)
            self._tell_presence(stream.open)
        with stream.guard:
            _forget(stream)

    def _stream(self, name: str, actor: Actor) -> Stream:
        stream = self._streams.get(name)
        if stream is None or stream.owner != actor.username:
            raise StreamNotFoundError(name)
        return stream

    def _tell_presence(self, paths: Iterable[SharePath]) -> None:
        for path in sorted(paths, key=str):
            concerned = [stream for stream in self._streams.values() if _concerns(stream.open, path)]
            if concerned:
                body = self._presence(path)
                for stream in concerned:
                    stream.send("presence", body)

    def _presence(self, path: SharePath) -> dict[str, Any]:
        users = {stream.owner for stream in self._streams.values() if path in stream.open}
        return {"path": str(path), "users": sorted(users)}


def _concerns(opened: Iterable[SharePath], path: SharePath) -> bool:
    """Whether somebody who has these open is told who has `path` open: it is one of them or lies in one."""
    return any(path.is_within(each) for each in opened)


class Writers:
    """Who wrote the versions of files that were saved through this process lately."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()
        self._guard = threading.Lock()

    def add(self, etag: str, username: str) -> None:
        with self._guard:
            self._names[etag] = username
            if len(self._names) > _MOST_WRITERS:
                self._names.popitem(last=False)

    def of(self, etag: str) -> str | None:
        """The user who saved this version; None where that is not known, or nobody of the studio did."""
        return self._names.get(etag)


def _forget(stream: Stream) -> None:
    while stream.watched:
        stream.watched.popitem()[1].close()


_hubs: WeakKeyDictionary[Studio, Hub] = WeakKeyDictionary()
_hubs_guard = threading.Lock()


def hub_of(studio: Studio) -> Hub:
    """The studio's hub, made when it is first needed."""
    with _hubs_guard:
        if studio not in _hubs:
            _hubs[studio] = Hub(studio)
        return _hubs[studio]


def event_answer(hub: Hub, stream: Stream) -> StreamingResponse:
    """The stream's events until the browser goes; the first, `hello`, says its name."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_event_texts(hub, stream), media_type="text/event-stream", headers=headers)


async def _event_texts(hub: Hub, stream: Stream) -> AsyncIterator[bytes]:
    try:
        yield _event_text("hello", {"stream": stream.name})
        while True:
            taken = await stream.take()
            yield b"".join(_event_text(name, body) for name, body in taken) or b": still here\n\n"
    finally:
        asyncio.get_running_loop().run_in_executor(None, hub.close, stream)


def _event_text(name: str, body: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n"
