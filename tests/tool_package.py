"""A package with tools, installed into a folder."""

from __future__ import annotations

from pathlib import Path

_LISTING = """
def tools():
    base = {"module": "sample_package.tools", "type": "python"}
    return {
        "sample_package.ask": {**base, "type": "custom_llm", "function": "ask"},
        "sample_package.shout": {**base, "function": "shout", "deprecated_tools": ["sample_package.cry"]},
        "sample_package.Box.put": {**base, "class_name": "Box", "function": "put"},
        "sample_package.gone": {**base, "function": "gone"},
    }
"""
_TOOLS = """
from promptflow.contracts.types import PromptTemplate
from promptflow.core import ToolProvider, tool


@tool
def ask(prompt: PromptTemplate, times: int = 1, **kwargs):
    return [str(prompt), times, kwargs]


@tool
def shout(text: str, times: int = 1):
    return text.upper() * times


class Box(ToolProvider):
    def __init__(self, name: str):
        super().__init__()
        self.name = name

    @tool
    def put(self, thing: str):
        return [self.name, thing]
"""


def install_sample_package(site: Path) -> None:
    """Put the package and its metadata into a folder that stands on the path."""
    package = site / "sample_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_LISTING, encoding="utf-8")
    (package / "tools.py").write_text(_TOOLS, encoding="utf-8")
    info = site / "sample_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sample-package\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[package_tools]\nall = sample_package:tools\n", encoding="utf-8")
