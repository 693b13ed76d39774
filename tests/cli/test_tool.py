"""`pf tool …` as a process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Ended, write_flow

Pf = Callable[..., Ended]

TOOLS = """\
from promptflow.core import tool
from promptflow.entities import DynamicList, InputSetting
def lister(prefix: str = "", size: int = 3): return [{"value": prefix}]
def demanding(prefix): return []
def setting(**given): return {"a": InputSetting(**given)}
"""
FAULTS = [
    ('{"zz": InputSetting(is_multi_select=True)}', "Cannot find zz in tool inputs."),
    (
        'setting(dynamic_list=DynamicList(function=lister, input_mapping={"nope": "b"}))',
        "Cannot find nope in the inputs of dynamic_list func tools.lister",
    ),
    (
        'setting(dynamic_list=DynamicList(function=lister, input_mapping={"prefix": "nob"}))',
        "Cannot find nob in the tool inputs.",
    ),
    (
        "setting(dynamic_list=DynamicList(function=demanding))",
        "Missing required input(s) of dynamic_list function: ['prefix']",
    ),
    (
        'setting(dynamic_list=DynamicList(function="no.such.function"))',
        "Cannot find the dynamic_list function no.such.function.",
    ),
    ('setting(enabled_by="nob", enabled_by_value=["x"])', 'Cannot find the input "nob" for the enabled_by of a.'),
    ('setting(enabled_by="b", enabled_by_value="x")', "The enabled_by_value of a is 'x'; it must be a list."),
]


@pytest.mark.parametrize(("settings", "message"), FAULTS)
def test_a_wrong_setting_is_found(pf: Pf, tmp_path: Path, settings: str, message: str) -> None:
    code = f"{TOOLS}@tool(input_settings={settings})\ndef mine(a: list, b: str): return a\n"
    (tmp_path / "tools.py").write_text(code)

    ended = pf("tool", "validate", "--source", "tools.py")

    assert (ended.code, json.loads(ended.out)) == (
        1,
        {
            "result": "Failed",
            "total_count": 1,
            "invalid_count": 1,
            "errors": [{"message": message, "function_name": "mine", "location": str(tmp_path / "tools.py")}],
        },
    )


def test_good_tools_are_counted_and_the_files_own_only(pf: Pf, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("from promptflow.core import tool\n@tool\ndef far(): pass\n")
    (tmp_path / "tools.py").write_text(
        "from other import far\nfrom promptflow.core import tool\n@tool\ndef near(a: int = 1): return a\n"
    )

    ended = pf("tool", "validate", "--source", "tools.py")

    assert json.loads(ended.out) == {"result": "Succeeded", "total_count": 1, "invalid_count": 0}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nothing.py", "UserErrorException: There is no tool file 'nothing.py'."),
        ("json", "UserErrorException: Invalid package tool. There is no tool in 'json'."),
        ("no_module.xx", "UserErrorException: Invalid source to validate tools."),
        ("json.nope", "UserErrorException: Invalid source to validate tools. There is no tool 'nope' in 'json'."),
        ("broken.py", "UserErrorException: 'broken.py' cannot be imported: (ZeroDivisionError) division by zero"),
    ],
)
def test_what_holds_no_tool_is_one_line(pf: Pf, tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "broken.py").write_text("1 / 0\n")

    ended = pf("tool", "validate", "--source", source)

    assert (ended.code, ended.err) == (1, f"pf.tool.validate failed with {message}\n")


def test_a_new_script_is_a_tool(pf: Pf, tmp_path: Path) -> None:
    ended = pf("tool", "init", "--tool", "greet")

    assert ended.out == (
        f"Creating tool from scratch...\nCreating {tmp_path}/greet.py...\n"
        f'Done. Created the tool "greet" in {tmp_path}.\n'
    )
    assert json.loads(pf("tool", "validate", "--source", "greet.py").out)["total_count"] == 1


def test_a_new_package_offers_its_tools(pf: Pf, tmp_path: Path) -> None:
    (tmp_path / "icon.png").write_bytes(b"\x89PNG")

    pf("tool", "init", "--tool", "one", "--package", "my_tools", "--set", "icon=icon.png", "tags={'a': 'b'}")
    ended = pf("tool", "init", "--tool", "two", "--package", "my_tools", "--set", "category=text")

    assert f"Overwriting {tmp_path}/my_tools/setup.py..." in ended.out
    listed = pf("tool", "validate", "--source", "my_tools", cwd=tmp_path / "my_tools")
    assert json.loads(listed.out) == {"result": "Succeeded", "total_count": 2, "invalid_count": 0}
    found = _offered(tmp_path / "my_tools", pf)
    assert set(found) == {"my_tools.one.one", "my_tools.two.two"}
    assert found["my_tools.one.one"]["icon"].startswith("data:image/png;base64,")
    assert (found["my_tools.one.one"]["tags"], found["my_tools.two.two"]["category"]) == ({"a": "b"}, "text")


def _offered(folder: Path, pf: Pf) -> dict[str, dict[str, object]]:
    """What the package's own listing says, as an installed entry point calls it."""
    import subprocess

    code = "import json; from my_tools.utils import list_package_tools; print(json.dumps(list_package_tools()))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, object]] = json.loads(ended.stdout)
    return found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bad-name"], "The tool name bad-name is a invalid identifier."),
        (["t", "--package", "p-q"], "The package name p-q is a invalid identifier."),
        (["t", "--set", "icon=nope.png"], "Cannot find the icon path nope.png."),
        (["t", "--set", "tags={"], "The tags { are no mapping, such as {'group': 'mine'}."),
    ],
)
def test_a_tool_that_cannot_be_made_is_one_line(pf: Pf, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = pf("tool", "init", "--tool", *arguments)

    assert (ended.code, ended.err) == (1, f"pf.tool.init failed with UserErrorException: {message}\n")
    assert [path.name for path in tmp_path.iterdir()] == []


def test_the_tools_of_a_flow_are_listed_and_nothing_of_it_runs(pf: Pf, flow: Path) -> None:
    write_flow(
        flow,
        {
            "up.py": "from promptflow.core import tool\n@tool\ndef up(s: str, n: int = 3):\n"
            '    """Louder."""\n    return s\nraise SystemExit("ran")\n'
        },
    )

    listed = json.loads(pf("tool", "list", "--flow", str(flow)).out)

    assert listed["code"]["up.py"] == {
        "type": "python",
        "inputs": {"s": {"type": ["string"]}, "n": {"type": ["int"], "default": "3"}},
        "description": "Louder.",
        "source": "up.py",
        "function": "up",
    }
    assert listed["package"]["promptflow.tools.embedding.embedding"]["inputs"]["connection"]["type"]
    assert json.loads(pf("tool", "list").out)["code"] == {}
