"""Which kind of flow a file is: decided by its content, not by its name."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pfstudio.flow.files import FlowFiles
from pfstudio.flow.yaml_reader import read_yaml

FlowKind: TypeAlias = Literal["dag", "flex", "prompty"]


def flow_kind(files: FlowFiles, file: str) -> FlowKind:
    """`prompty` by its ending, `flex` where the top level has an `entry`, else `dag`.

    Raises:
        FileNotFoundError: there is no such file.
        FlowYamlError: it is not YAML.
    """
    if file.endswith(".prompty"):
        return "prompty"
    content = files.read_bytes(file)
    if b"entry" not in content:  # Nearly every DAG flow; the file is read only once more where it may be a flex flow.
        return "dag"
    document = read_yaml(content, file)
    return "flex" if isinstance(document, dict) and "entry" in document else "dag"
