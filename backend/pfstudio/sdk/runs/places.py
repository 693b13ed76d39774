"""Where runs are kept: below the home folder, where the settings say, and wherever earlier runs were sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pfstudio.runfolder.errors import RunNotFoundError
from pfstudio.runfolder.folder import RunFolder, delete_run, list_runs
from pfstudio.runfolder.record import RunRecord
from pfstudio.sdk.configuration import Configuration

RUNS: Final = ".runs"
_ELSEWHERE: Final = ".elsewhere.jsonl"


class RunPlaces:
    """Finds runs by name and lists them. Reading creates nothing."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def root_for(self, flow_folder: Path) -> Path:
        """The folder that a new run of this flow is made in."""
        return self._configuration.run_output_path(flow_folder) or _home()

    def remember(self, root: Path) -> None:
        """A run was made there: later commands look there too."""
        home = _home()
        if root == home or str(root) in self._elsewhere():
            return
        home.mkdir(parents=True, exist_ok=True)
        with (home / _ELSEWHERE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(str(root)) + "\n")

    def roots(self) -> Iterator[Path]:
        """Every place, the home folder first."""
        yield _home()
        for text in self._elsewhere():
            yield Path(text)

    def find(self, name: str) -> RunFolder:
        """The folder of a run.

        Raises:
            RunNotFoundError: no run has this name.
        """
        for root in self.roots():
            try:
                folder = RunFolder.open(root, name)
                folder.record()
            except RunNotFoundError:
                continue
            return folder
        raise RunNotFoundError(name)

    def exists(self, name: str) -> bool:
        """Whether a run has this name."""
        try:
            self.find(name)
        except RunNotFoundError:
            return False
        return True

    def all(self) -> list[tuple[RunRecord, Path]]:
        """Every run and its folder, newest first."""
        found = [(record, root / record.name) for root in self.roots() for record in list_runs(root)]
        return sorted(found, key=lambda item: item[0].created_on, reverse=True)

    def delete(self, name: str) -> None:
        """Remove a run for good."""
        folder = self.find(name)
        delete_run(folder.path.parent, name)

    def _elsewhere(self) -> list[str]:
        try:
            lines = (_home() / _ELSEWHERE).read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        return list(dict.fromkeys(json.loads(line) for line in lines if line.startswith('"') and line.endswith('"')))


def _home() -> Path:
    from pfstudio.connections.local_store import pf_home

    return pf_home() / RUNS
