from promptflow.core import tool


@tool
def split_history(chat_history: list, turns_kept: int = 4) -> dict:
    """The last turns, which the model sees word for word, and those before, of which it sees what matters."""
    kept = max(turns_kept, 0)
    cut = max(len(chat_history) - kept, 0)
    return {"older": chat_history[:cut], "recent": chat_history[cut:]}
