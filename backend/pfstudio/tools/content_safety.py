"""The built-in content safety tool: whether a text may pass, by Azure AI Content Safety."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from pfstudio.connections.types import AzureContentSafetyConnection
from pfstudio.errors import ErrorTarget, SystemErrorException, UserErrorException
from pfstudio.tools.decorator import tool
from pfstudio.tools.web import UnreachableError, ask

_NEWEST: Final = "2023-10-01"


class AzureContentSafetyInputValueError(UserErrorException):
    """A sensitivity is none of the four, or the answer lacks a category."""


class AzureContentSafetySystemError(SystemErrorException):
    """The service failed, or could not be reached."""


class TextCategorySensitivity(str, Enum):
    DISABLE = "disable"
    LOW_SENSITIVITY = "low_sensitivity"
    MEDIUM_SENSITIVITY = "medium_sensitivity"
    HIGH_SENSITIVITY = "high_sensitivity"


# From which severity on a text is refused; -1 lets everything pass.
_THRESHOLDS: Final = {"disable": -1, "low_sensitivity": 6, "medium_sensitivity": 4, "high_sensitivity": 2}
_FORMER_KEYS: Final = {
    "Hate": "hateResult",
    "SelfHarm": "selfHarmResult",
    "Sexual": "sexualResult",
    "Violence": "violenceResult",
}
_MEDIUM: Final = TextCategorySensitivity.MEDIUM_SENSITIVITY


@tool
def analyze_text(  # noqa: PLR0917 - the tool's own parameters, in their order.
    connection: AzureContentSafetyConnection,
    text: str,
    hate_category: TextCategorySensitivity = _MEDIUM,
    sexual_category: TextCategorySensitivity = _MEDIUM,
    self_harm_category: TextCategorySensitivity = _MEDIUM,
    violence_category: TextCategorySensitivity = _MEDIUM,
) -> dict[str, Any]:
    """Whether the text should be accepted, as a whole and by category."""
    wanted = {
        "Hate": hate_category,
        "SelfHarm": self_harm_category,
        "Sexual": sexual_category,
        "Violence": violence_category,
    }
    thresholds = {name: _threshold(value) for name, value in wanted.items()}
    answer = _analysis(connection, text)
    is_newest = connection.api_version == _NEWEST
    actions = {
        name: "Reject" if threshold != -1 and _severity(answer, name, is_newest) >= threshold else "Accept"
        for name, threshold in thresholds.items()
    }
    on_a_list = answer.get("blocklistsMatch") or answer.get("blocklistsMatchResults")
    suggested = "Reject" if on_a_list or "Reject" in actions.values() else "Accept"
    return {"suggested_action": suggested, "action_by_category": actions}


def _threshold(sensitivity: str) -> int:
    word = sensitivity.value if isinstance(sensitivity, Enum) else str(sensitivity)
    if word not in _THRESHOLDS:
        raise AzureContentSafetyInputValueError(
            f"Non-supported sensitivity: {word}. Known are {', '.join(_THRESHOLDS)}.", target=ErrorTarget.TOOL
        )
    return _THRESHOLDS[word]


def _analysis(connection: AzureContentSafetyConnection, text: str) -> Mapping[str, Any]:
    address = f"{str(connection.endpoint).rstrip('/')}/contentsafety/text:analyze"
    headers = {"Ocp-Apim-Subscription-Key": str(connection.api_key), "ms-azure-ai-sender": "prompt_flow"}
    body = {"text": text, "blocklistNames": []}
    try:
        answer = ask("POST", address, query={"api-version": connection.api_version}, headers=headers, body=body)
    except UnreachableError as error:
        raise AzureContentSafetySystemError(f"Error in detecting content: {error}", target=ErrorTarget.TOOL) from error
    said = answer.json()
    if answer.status == 200 and isinstance(said, dict):
        return said
    error_part = said.get("error") if isinstance(said, dict) else None
    why = error_part.get("message") if isinstance(error_part, dict) else answer.text[:500]
    raise AzureContentSafetySystemError(
        f"Error in detecting content: {why} (status {answer.status})", target=ErrorTarget.TOOL
    )


def _severity(answer: Mapping[str, Any], category: str, is_newest: bool) -> int:
    if is_newest:
        listed = answer.get("categoriesAnalysis") or ()
        found = next((item for item in listed if item.get("category") == category), None)
    else:
        found = answer.get(_FORMER_KEYS[category])
    if not isinstance(found, dict) or "severity" not in found:
        raise AzureContentSafetySystemError(f"Can not find detection result for {category}", target=ErrorTarget.TOOL)
    return int(found["severity"])
