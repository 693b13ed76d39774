from pathlib import Path

from promptflow.core import tool


@tool
def read():
    return Path("data.txt").read_text(encoding="utf-8").strip()
