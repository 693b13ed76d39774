"""References: `${inputs.x}` and `${node.output.a['b'][0]}`, how they are read and followed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pfstudio.flow.errors import InvalidReferenceProperty
from pfstudio.flow.spec import Binding, Literal, Reference

_STEP = re.compile(r"(\w+)|\['(.*?)'\]|\[(\d+)\]")
_INDEXED_OUTPUT = re.compile(r"output(\[.*)\Z", re.DOTALL)


def is_reference(value: Any) -> bool:
    """Whether a value of the YAML is a reference as a whole; references inside longer text are not."""
    return isinstance(value, str) and value.startswith("${") and value.endswith("}")


def read_binding(value: Any, line: int = 0) -> Binding:
    """What a node input, an output or an activate condition is bound to."""
    if not is_reference(value):
        return Literal(value, line)
    inner = value[2:-1]
    prefix, dot, rest = inner.partition(".")
    if dot and prefix in ("inputs", "flow"):
        return Reference(value, input=rest, line=line)
    section, _, path = rest.partition(".") if dot else ("output", "", "")
    # `output[0]` without the dot before it: the original took it for an unknown section.
    if indexed := _INDEXED_OUTPUT.match(rest):
        section, path = "output", indexed[1]
    return Reference(value, node=prefix, section=section, path=path, line=line)


@lru_cache(maxsize=1024)
def path_steps(path: str) -> tuple[tuple[bool, str | int], ...]:
    """The steps of a property path: whether it is a bare word (an item or an attribute), and the key or index."""
    steps: list[tuple[bool, str | int]] = []
    for match in _STEP.finditer(path):
        word, key, index = match.groups()
        steps.append((word is not None, int(index) if index is not None else word if word is not None else key))
    return tuple(steps)


def follow_path(value: Any, node: str, path: str) -> Any:
    """The part of a node's output that a property path names.

    Raises:
        InvalidReferenceProperty: there is no such part.
    """
    try:
        for is_word, key in path_steps(path):
            value = getattr(value, str(key)) if is_word and not isinstance(value, dict) else value[key]
    except (KeyError, IndexError, AttributeError) as error:
        raise InvalidReferenceProperty(node, path) from error
    return value
