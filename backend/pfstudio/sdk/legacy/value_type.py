"""`ValueType`: the types of inputs as an enumeration."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pfstudio.flow.values import convert


class ValueType(str, Enum):
    INT = "int"
    DOUBLE = "double"
    BOOL = "bool"
    STRING = "string"
    SECRET = "secret"  # noqa: S105 - a type's name.
    PROMPT_TEMPLATE = "prompt_template"
    LIST = "list"
    OBJECT = "object"
    FILE_PATH = "file_path"
    IMAGE = "image"
    ASSISTANT_DEFINITION = "assistant_definition"

    @staticmethod
    def from_value(value: Any) -> ValueType:
        """The type of a value."""
        plain = {bool: "bool", int: "int", float: "double", str: "string", list: "list"}
        found = next((word for cls, word in plain.items() if isinstance(value, cls)), "object")
        return ValueType(found)

    @staticmethod
    def from_type(t: type) -> ValueType:
        """The type that an annotation means."""
        plain = {int: "int", float: "double", bool: "bool", list: "list", str: "string"}
        named = {"Secret": "secret", "PromptTemplate": "prompt_template", "FilePath": "file_path", "Image": "image"}
        return ValueType(plain.get(t) or named.get(getattr(t, "__name__", "")) or "object")

    def parse(self, value: Any) -> Any:
        """The value as one of the type.

        Raises:
            ValueError: it does not fit.
        """
        return convert(self.value, value)
