"""Finds and reads flow files. Nothing of the user's runs here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import AmbiguousFlowError, FlowPathError, UnsupportedFlowKindError
from pfstudio.flow.files import FlowFiles, FolderFiles
from pfstudio.flow.graph import graph_problems
from pfstudio.flow.reader import FlowReader, Report
from pfstudio.flow.spec import Flow
from pfstudio.flow.variants import apply_variants
from pfstudio.flow.yaml_reader import read_yaml

FLOW_FILE_NAMES = ("flow.dag.yaml", "flow.dag.yml", "flow.flex.yaml", "flow.flex.yml")
_SUFFIXES = (".yaml", ".yml", ".prompty")


def find_flow_file(path: Path) -> Path:
    """The flow file that a path means: the file itself, or the one flow file of a folder.

    Raises:
        FlowPathError: nothing is there, the folder has no flow file, or the file has another suffix.
        AmbiguousFlowError: the folder has more than one.
    """
    if path.is_dir():
        names = [name for name in FLOW_FILE_NAMES if (path / name).is_file()]
        if len(names) > 1:
            raise AmbiguousFlowError(names, path)
        if not names:
            raise FlowPathError(f"Have found neither flow.dag.yaml nor flow.flex.yaml in {path.absolute()}")
        return path / names[0]
    if not path.exists():
        kind = "file" if path.suffix in _SUFFIXES else "path"
        raise FlowPathError(f"Flow {kind} {path.absolute()} does not exist.")
    if path.suffix not in _SUFFIXES:
        raise FlowPathError(f"The flow file suffix must be yaml, yml or prompty; cannot be {path.suffix}")
    return path


def load_flow(path: Path, *, variant: str | None = None) -> Flow:
    """The flow of a folder or file, its graph checked and its variants chosen.

    Raises:
        PromptflowException: the first problem of the file, with file and line.
    """
    file = find_flow_file(path)
    folder = file.absolute().parent
    return parse_flow(FolderFiles(folder), file.name, variant=variant, folder_name=folder.name)


def parse_flow(
    files: FlowFiles, file: str = "flow.dag.yaml", *, variant: str | None = None, folder_name: str = "flow"
) -> Flow:
    """The flow of some files, its graph checked and its variants chosen.

    Raises:
        PromptflowException: the first problem of the file, with file and line.
    """
    flow = read_flow(files, file, variant=variant, folder_name=folder_name, report=_raise)
    for problem in graph_problems(flow):
        raise problem
    return flow


def read_flow(
    files: FlowFiles, file: str, *, report: Report, variant: str | None = None, folder_name: str = "flow"
) -> Flow:
    """The flow as it is written; what does not fit goes to `report`. The graph is not looked at."""
    return flow_of_document(read_document(files, file), file, report=report, variant=variant, folder_name=folder_name)


def flow_of_document(
    document: Any, file: str, *, report: Report, variant: str | None = None, folder_name: str = "flow"
) -> Flow:
    """The flow of a file's YAML, as `read_flow` reads it."""
    flow = FlowReader(file, report).read(document, folder_name)
    return apply_variants(flow, variant, report)


def read_document(files: FlowFiles, file: str) -> Any:
    """The YAML of a DAG flow file.

    Raises:
        FlowPathError: there is no such file.
        FlowYamlError: it is not YAML.
        UnsupportedFlowKindError: it is a prompty or a flex flow.
    """
    if file.endswith(".prompty"):
        raise UnsupportedFlowKindError(file, "prompty")
    try:
        content = files.read_bytes(file)
    except FileNotFoundError as error:
        raise FlowPathError(f"Flow file {file} does not exist.", file=file) from error
    document = read_yaml(content, file)
    if isinstance(document, dict) and "entry" in document:
        raise UnsupportedFlowKindError(file, "flex flow")
    return document


def _raise(problem: PromptflowException) -> None:
    raise problem
