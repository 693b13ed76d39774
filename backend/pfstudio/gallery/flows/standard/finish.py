from promptflow.core import tool


@tool
def finish(draft: str) -> str:
    """Give the model's draft its last touch: no blanks around it, and a full stop at its end."""
    sentence = draft.strip()
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."
