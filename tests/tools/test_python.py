from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from pfstudio.connections.types import CustomStrongTypeConnection
from pfstudio.flow.errors import InvalidSource, MultipleToolsDefined, NoToolDefined
from pfstudio.tools.errors import MissingRequiredInputs, ToolLoadError
from pfstudio.tools.parameters import parameters_of
from pfstudio.tools.python import LoadedTool, load_python_tool

IMPORT = "from promptflow.core import tool, ToolProvider\n"


def load(folder: Path, source: str) -> LoadedTool:
    (folder / "n.py").write_text(IMPORT + source, encoding="utf-8")
    return load_python_tool(folder, "n.py", "n", file="flow.dag.yaml", line=3)


def test_tool_is_the_users_own_function(tmp_path: Path) -> None:
    tool = load(tmp_path, "@tool\ndef double(x: int) -> int:\n    return 2 * x\n")

    assert (tool.name, tool.function(4), tool.function.__module__) == ("double", 8, "__pf_main__")
    assert "__pf_main__" not in sys.modules


def test_imported_tools_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "imported_here.py").write_text(IMPORT + "@tool\ndef other():\n    return 1\n", encoding="utf-8")

    tool = load(tmp_path, "from imported_here import other\n\n\n@tool\ndef own():\n    return other()\n")

    assert (tool.name, tool.build({})()) == ("own", 1)


def test_second_name_of_a_tool_does_not_count(tmp_path: Path) -> None:
    assert load(tmp_path, "@tool\ndef one():\n    return 1\n\n\nalias = one\n").name == "one"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("x = 1\n", NoToolDefined),
        ("@tool\ndef f():\n    pass\n\n\n@tool\ndef g():\n    pass\n", MultipleToolsDefined),
        (
            "@tool\ndef f():\n    pass\n\n\nclass P(ToolProvider):\n    @tool\n    def g(self):\n        pass\n",
            MultipleToolsDefined,
        ),
    ],
)
def test_file_has_exactly_one_tool(tmp_path: Path, source: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        load(tmp_path, source)


@pytest.mark.parametrize("path", [None, "", "gone.py", "."])
def test_file_that_is_not_there_is_told(tmp_path: Path, path: str | None) -> None:
    with pytest.raises(InvalidSource) as caught:
        load_python_tool(tmp_path, path, "n", file="flow.dag.yaml", line=3)

    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 3)


PROVIDER = """
class Box(ToolProvider):
    def __init__(self, name: str, size: int = 1):
        super().__init__()
        if size < 0:
            raise ValueError("too small")
        self.name = name

    @tool
    def put(self, thing: str):
        return [self.name, thing]
"""


def test_provider_is_built_once_and_called_by_its_method(tmp_path: Path) -> None:
    tool = load(tmp_path, PROVIDER)

    assert tool.name == "Box.put"
    assert (list(tool.init_parameters), list(tool.parameters)) == (["name", "size"], ["thing"])
    assert tool.build({"name": "a"})(thing="b") == ["a", "b"]


def test_provider_that_cannot_be_built_is_told(tmp_path: Path) -> None:
    tool = load(tmp_path, PROVIDER)

    with pytest.raises(MissingRequiredInputs, match=r"Required inputs \['name'\] are not provided for tool 'Box\.put'"):
        tool.build({})
    with pytest.raises(ToolLoadError, match=r"\(ValueError\) too small"):
        tool.build({"name": "a", "size": -1})


class Service(CustomStrongTypeConnection):
    """A connection of a user's own class."""

    key: str


def one(annotation: Any, default: Any = ...) -> Any:
    def function(x):  # type: ignore[no-untyped-def]
        pass

    function.__annotations__ = {} if annotation is None else {"x": annotation}
    function.__defaults__ = None if default is ... else (default,)
    return parameters_of(function)[0]["x"]


@pytest.mark.parametrize(
    ("annotation", "default", "types", "required"),
    [
        (int, ..., ("int",), True),
        ("int", ..., ("int",), True),
        (float, 1.0, ("double",), False),
        (int | None, None, ("int",), False),
        (int | str, ..., ("object",), True),
        (list[str], ..., ("object",), True),
        (dict, ..., ("object",), True),
        (None, ..., ("object",), True),
        (None, 5, ("int",), False),
        (None, [], ("list",), False),
        ("NotDefinedAnywhere", ..., ("object",), True),
        (Service, ..., ("CustomConnection",), True),
    ],
)
def test_parameter_has_the_originals_type(
    annotation: Any, default: Any, types: tuple[str, ...], required: bool
) -> None:
    parameter = one(annotation, default)

    assert (parameter.types, parameter.required) == (types, required)


def test_strong_connection_class_is_remembered() -> None:
    assert one(Service).connection_class is Service


def test_decorator_put_over_the_tool_is_called_with_it(tmp_path: Path) -> None:
    (tmp_path / "n.py").write_text(
        "import functools\nfrom promptflow.core import tool\n\n"
        "def twice(function):\n    @functools.wraps(function)\n    def called(*args, **kwargs):\n"
        "        return 2 * function(*args, **kwargs)\n    return called\n\n"
        "@twice\n@tool\ndef n(text: str, mark: str = '!'):\n    return text + mark\n",
        encoding="utf-8",
    )

    tool = load_python_tool(tmp_path, "n.py", "n", file="flow.dag.yaml", line=1)

    assert tool.function(text="a") == "a!a!"
    assert [parameter.type for parameter in tool.parameters.values()] == ["string", "string"]
