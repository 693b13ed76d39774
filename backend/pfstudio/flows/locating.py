"""Where a flow is: what addresses it, the folder with its files, and which of them is the flow's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from pfstudio.errors import PromptflowException
from pfstudio.flow.kinds import FlowKind, flow_kind
from pfstudio.flows.errors import FlowNotFoundError
from pfstudio.flows.share_files import ShareFiles
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import PROMPTY, flow_file_of, is_file


@dataclass(frozen=True, slots=True)
class FlowPlace:
    """`path` addresses the flow: the folder of its flow file, or a prompty itself. `file` is a name in `folder`."""

    path: SharePath
    folder: SharePath
    file: str
    kind: FlowKind

    @property
    def owner(self) -> str:
        return str(self.path.owner)

    @property
    def name(self) -> str:
        return flow_name(self.path)


def flow_name(path: SharePath) -> str:
    """What a flow at this path is called: like its folder, or like the prompty without its ending."""
    return PurePosixPath(path.name).stem if path.name.endswith(PROMPTY) else path.name


def locate_flow(share: Share, path: SharePath) -> FlowPlace:
    """The flow that a path addresses.

    Raises:
        FlowNotFoundError: there is none: neither a folder with a flow file, nor a prompty.
    """
    if path.owner is None or not path.parts:
        raise FlowNotFoundError(str(path))
    try:
        if path.name.endswith(PROMPTY) and is_file(share, path):
            return FlowPlace(path, path.parent, path.name, "prompty")
        file = flow_file_of(share, path)
    except PathNotFoundError as error:
        raise FlowNotFoundError(str(path)) from error
    if file is None:
        raise FlowNotFoundError(str(path))
    return FlowPlace(path, path, file, kind_of(ShareFiles(share, path), file))


def kind_of(files: ShareFiles, file: str) -> FlowKind:
    """The kind of flow in a file; told by its name while it cannot be read."""
    try:
        return flow_kind(files, file)
    except (PromptflowException, FileNotFoundError):
        return "flex" if ".flex." in file else "dag"
