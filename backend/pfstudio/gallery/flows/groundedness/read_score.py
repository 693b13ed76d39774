import re

from promptflow.core import tool


@tool
def read_score(judgment: str) -> int:
    """The first number from 1 to 5 that the judge says; 0 where it says none."""
    found = re.search(r"[1-5]", judgment)
    if found is None:
        print(f"The judge gave no score: {judgment!r}")
    return int(found.group()) if found else 0
