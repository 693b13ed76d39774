"""Takes what a batch produces: lines into the run's folder, the log into its file, progress to whoever watches."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from pfstudio.runfolder.folder import RunFolder
from pfstudio.runfolder.logs import BatchLog
from pfstudio.sdk.runs.progress import ProgressBar

CANCEL_FILE: Final = ".cancel"
_LOOK_SECONDS: Final = 0.2


class FolderSink:
    """A `LineSink`."""

    def __init__(self, folder: RunFolder, log: BatchLog, bar: ProgressBar) -> None:
        self._folder = folder
        self._log = log
        self._bar = bar

    def line_finished(self, record: bytes) -> None:
        self._folder.append(record)

    def log(self, level: str, message: str) -> None:
        self._log.write(level, message)

    def progress(self, done: int, failed: int, total: int) -> None:
        self._bar.update(done, failed, total)


class CancelWatch:
    """Sets `event` when somebody asks for the run's end, by a file in its folder."""

    def __init__(self, folder: Path) -> None:
        self.event = threading.Event()
        self._path = folder / CANCEL_FILE
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="pfstudio-cancel-watch", daemon=True)

    def __enter__(self) -> CancelWatch:
        self._path.unlink(missing_ok=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            if self._path.exists():
                self.event.set()
                return
