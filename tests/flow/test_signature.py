from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.flow.errors import JinjaParsingError, MultipleToolsDefined, NoToolDefined, PythonLoadError
from pfstudio.flow.signature import python_signature, template_variables

IMPORT = "from promptflow.core import tool, ToolProvider\n"


def inputs_of(source: str) -> list[tuple[str, str, bool, Any]]:
    signature = python_signature((IMPORT + source).encode(), "a.py")
    return [(item.name, item.type, item.required, item.default) for item in signature.inputs]


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("x: int", ("x", "int", True, None)),
        ("x: float = 1.5", ("x", "double", False, 1.5)),
        ("x: bool = True", ("x", "bool", False, True)),
        ("x: str", ("x", "string", True, None)),
        ("x: list", ("x", "list", True, None)),
        ("x: list[str]", ("x", "object", True, None)),
        ("x: dict", ("x", "object", True, None)),
        ("x", ("x", "object", True, None)),
        ("x='a'", ("x", "string", False, "a")),
        ("x=None", ("x", "object", False, None)),
        ("x: 'int'", ("x", "int", True, None)),
        ("x: Optional[int] = None", ("x", "int", False, None)),
        ("x: int | None = None", ("x", "int", False, None)),
        ("x: Union[int, str]", ("x", "object", True, None)),
        ("x: Secret", ("x", "secret", True, None)),
        ("x: types.FilePath", ("x", "file_path", True, None)),
        ("x: CustomConnection", ("x", "CustomConnection", True, None)),
        (
            "x: Union[OpenAIConnection, AzureOpenAIConnection]",
            ("x", "OpenAIConnection|AzureOpenAIConnection", True, None),
        ),
        ("x=made_up()", ("x", "object", False, None)),
        ("*, x: int = 3", ("x", "int", False, 3)),
        ("*rest, x: int", ("x", "int", True, None)),
    ],
)
def test_parameter_has_its_type(parameter: str, expected: tuple[str, str, bool, Any]) -> None:
    assert inputs_of(f"@tool\ndef f({parameter}):\n    pass\n") == [expected]


def test_enum_shows_its_values() -> None:
    source = "class Kind(str, Enum):\n    A = 'a'\n    B = 'b'\n\n\n@tool\ndef f(kind: Kind = Kind.A):\n    pass\n"

    (kind,) = python_signature((IMPORT + source).encode(), "a.py").inputs

    assert (kind.type, kind.enum, kind.required) == ("string", ("a", "b"), False)


@pytest.mark.parametrize(
    ("source", "function"),
    [
        ("@tool\ndef f():\n    pass\n", "f"),
        ("@tool()\ndef f():\n    pass\n", "f"),
        ("import promptflow.core as pf\n@pf.tool\ndef f():\n    pass\n", "f"),
        ("from promptflow import tool as mark\n@mark\ndef f():\n    pass\n", "f"),
        ("class P(ToolProvider):\n    @tool\n    def f(self):\n        pass\n", "P.f"),
    ],
)
def test_tool_is_found_however_it_is_marked(source: str, function: str) -> None:
    assert python_signature((IMPORT + source).encode(), "a.py").function == function


def test_async_tool_and_free_keywords_are_known() -> None:
    signature = python_signature((IMPORT + "@tool\nasync def f(a, **rest):\n    pass\n").encode(), "a.py")

    assert (signature.is_async, signature.takes_any, signature.line) == (True, True, 3)


def test_constructor_of_a_provider_comes_first() -> None:
    source = "class P(ToolProvider):\n    def __init__(self, a: int):\n        pass\n\n"
    source += "    @tool\n    def f(self, b: str):\n        pass\n"

    assert [name for name, *_ in inputs_of(source)] == ["a", "b"]


@pytest.mark.parametrize(
    ("source", "error", "line"),
    [
        ("def (:\n", PythonLoadError, 2),
        ("x = '\x00'\n", PythonLoadError, None),
        ("def f():\n    pass\n", NoToolDefined, None),
        ("@tool\ndef f():\n    pass\n\n\n@tool\ndef g():\n    pass\n", MultipleToolsDefined, 8),
    ],
)
def test_file_without_one_tool_is_told(source: str, error: type[Any], line: int | None) -> None:
    with pytest.raises(error) as caught:
        python_signature((IMPORT + source).encode(), "a.py")

    assert (caught.value.file, caught.value.line) == ("a.py", line)


def test_template_variables_come_in_the_order_of_the_text() -> None:
    text = "{{zeta}} {% for item in alpha %}{{item}}{% endfor %} {% set own = 1 %}{{own}} ![image]({{picture}})"

    found = [(item.name, item.type) for item in template_variables(text)]

    assert found == [("zeta", "string"), ("alpha", "string"), ("picture", "image")]


def test_template_error_has_its_line() -> None:
    with pytest.raises(JinjaParsingError, match="Jinja parsing failed at line 2") as caught:
        template_variables("a\n{% for %}\n", "a.jinja2")

    assert (caught.value.file, caught.value.line) == ("a.jinja2", 2)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_tool_file_or_refused(content: bytes) -> None:
    with pytest.raises((PythonLoadError, NoToolDefined)):
        python_signature(content, "a.py")
