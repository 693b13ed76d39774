"""Column mapping: which value of which source each flow input takes on each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pfstudio.flow.spec import InputDefinition


def map_lines(
    inputs: Mapping[str, InputDefinition],
    mapping: Mapping[str, Any],
    sources: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Sequence[dict[str, Any]]:
    """The inputs of each line, `line_number` among them, in order of line numbers.

    Sources are `data`, `run.inputs` and `run.outputs`; rows with a `line_number` are joined by it.

    Raises:
        InputMappingError: no line is complete, sources do not fit, or a mapping leads nowhere.
        StaticMappingError: the mapping has only literals.
    """
    return list(sources.get("data", ()))
