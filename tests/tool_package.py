"""A package with tools, installed into a folder."""

from __future__ import annotations

from pathlib import Path

_LISTING = """
def listing():
    base = {"module": "sample_package.tools", "type": "python"}
    text, number = {"type": ["string"]}, {"type": ["int"], "default": 1}
    return {
        "sample_package.ask": {
            **base, "name": "Ask", "type": "custom_llm", "function": "ask", "inputs": {"times": number}
        },
        "sample_package.shout": {
            **base,
            "name": "Shout",
            "function": "shout",
            "inputs": {"text": text, "times": number},
            "deprecated_tools": ["sample_package.cry"],
        },
        "sample_package.Box.put": {
            **base, "name": "Box", "class_name": "Box", "function": "put", "inputs": {"name": text, "thing": text}
        },
        "sample_package.look": {
            **base,
            "name": "Look",
            "function": "look",
            "inputs": {
                "connection": {"type": ["CustomConnection"], "custom_type": ["Mine"]}, "more": {"type": ["list"]}
            },
        },
        "sample_package.gone": {**base, "name": "Gone", "function": "gone", "inputs": {}},
        "sample_package.lost": {**base, "name": "Lost", "module": "sample_package.lost", "function": "lost"},
    }
"""
_TOOLS = """
from promptflow.connections import CustomStrongTypeConnection
from promptflow.contracts.types import PromptTemplate, Secret
from promptflow.core import ToolProvider, tool


class Mine(CustomStrongTypeConnection):
    api_key: Secret
    base: str = "here"


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


@tool
def look(connection: Mine, more):
    return [type(connection).__name__, connection.api_key, connection.base, more]
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
    (info / "entry_points.txt").write_text("[package_tools]\nall = sample_package:listing\n", encoding="utf-8")
