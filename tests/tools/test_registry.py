from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pfstudio.tools.errors import FailedToImportModule, PackageToolNotFoundError
from pfstudio.tools.registry import BUILT_IN, load_package_tool, package_tools
from tool_package import install_sample_package


@pytest.fixture(autouse=True)
def sample_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    install_sample_package(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    package_tools.cache_clear()
    yield
    package_tools.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "sample_package"]:
        del sys.modules[name]


def test_function_of_a_package_is_a_tool() -> None:
    tool = load_package_tool("sample_package.shout")

    assert tool.function(text="a", times=2) == "AA"
    assert tool.parameters["times"].type == "int"


def test_class_of_a_package_is_a_tool() -> None:
    tool = load_package_tool("sample_package.Box.put")

    assert tool.build({"name": "box"})(thing="pen") == ["box", "pen"]


def test_former_id_of_a_tool_still_works_and_warns() -> None:
    with pytest.warns(FutureWarning, match=r"'sample_package\.shout' is used instead"):
        tool = load_package_tool("sample_package.cry")

    assert tool.name == "Shout"


def test_unknown_tool_is_told_with_those_that_are_there() -> None:
    with pytest.raises(PackageToolNotFoundError) as caught:
        load_package_tool("nobody.tool", file="flow.dag.yaml", line=4)

    assert str(caught.value).startswith(
        "Package tool 'nobody.tool' is not found in the current environment. All available package tools are: ["
    )
    assert "sample_package.shout" in str(caught.value)
    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 4)


def test_tool_that_its_package_does_not_have_is_told() -> None:
    with pytest.raises(FailedToImportModule, match=r"Module 'sample_package\.tools' \(AttributeError\)"):
        load_package_tool("sample_package.gone")


def test_types_of_inputs_are_those_of_the_packages_list() -> None:
    tool = load_package_tool("sample_package.look")

    assert tool.parameters["more"].type == "list"
    assert tool.parameters["connection"].types == ("CustomConnection",)


def test_module_that_is_not_there_is_told_with_its_tool() -> None:
    with pytest.raises(FailedToImportModule, match=r"Module 'sample_package\.lost' \(ModuleNotFoundError\)"):
        load_package_tool("sample_package.lost")


@pytest.mark.parametrize("tool_id", BUILT_IN)
def test_every_tool_that_promptflow_brought_is_answered_here(tool_id: str) -> None:
    tool = load_package_tool(tool_id)

    assert callable(tool.function)
    assert tool.parameters


def test_package_whose_list_cannot_be_read_spoils_no_other(tmp_path: Path) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[package_tools]\nall = broken:tools\n", encoding="utf-8")
    package_tools.cache_clear()

    with pytest.warns(RuntimeWarning, match="'broken:tools' cannot be listed"):
        tool = load_package_tool("sample_package.shout")

    assert tool.function(text="a") == "A"
