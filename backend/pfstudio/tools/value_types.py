"""Types that a tool file annotates its parameters with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

# What a tool annotates an input of the type `list` with: `list[str]` would make it an `object`.
if TYPE_CHECKING:
    PlainList: TypeAlias = list[Any]
else:
    PlainList = list


class Secret(str):
    """Text that should not be shown; it behaves like any other text."""

    __slots__ = ()


class PromptTemplate(str):
    """The source of a template, not rendered."""

    __slots__ = ()


class FilePath(str):
    """A path, relative to the flow folder unless absolute."""

    __slots__ = ()


class AssistantDefinition:
    """Model, instructions and tools of an assistant, as an `assistant_definition` file has them.

    `_tool_invoker` calls its functions; the engine sets it.
    """

    def __init__(self, model: str = "", instructions: str = "", tools: list[dict[str, Any]] | None = None) -> None:
        self.model = model
        self.instructions = instructions
        self.tools = tools or []
        self._tool_invoker: Any = None

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> AssistantDefinition:
        """The definition that a file's content says."""
        return cls(data.get("model", ""), data.get("instructions", ""), data.get("tools", []))

    def serialize(self) -> dict[str, Any]:
        """What the file says."""
        return {"model": self.model, "instructions": self.instructions, "tools": self.tools}
