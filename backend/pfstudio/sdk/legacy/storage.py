"""Where `BatchEngine` and `FlowExecutor` put what they record: classes of users, who want to see it."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from pfstudio.sdk.legacy.run_records import FlowRunInfo, RunInfo


class AbstractRunStorage:
    """Told of every node and every line that has ended."""

    @abstractmethod
    def persist_node_run(self, run_info: RunInfo) -> None:
        """A node has ended."""

    @abstractmethod
    def persist_flow_run(self, run_info: FlowRunInfo) -> None:
        """A line has ended."""


class DummyRunStorage(AbstractRunStorage):
    """Keeps nothing."""

    def persist_node_run(self, run_info: RunInfo) -> None:
        pass

    def persist_flow_run(self, run_info: FlowRunInfo) -> None:
        pass


class DefaultRunStorage(AbstractRunStorage):
    """What a run has where no storage is given: records stay in the results; images go below the output folder."""

    def __init__(self, base_dir: Path | None = None, sub_dir: Path | None = None) -> None:
        self._base_dir = base_dir or Path()
        self._sub_dir = sub_dir or Path()

    def persist_node_run(self, run_info: RunInfo) -> None:
        pass

    def persist_flow_run(self, run_info: FlowRunInfo) -> None:
        pass
