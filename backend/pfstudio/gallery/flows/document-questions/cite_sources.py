import re

from promptflow.core import tool


@tool
def cite_sources(answer: str, passages: list) -> dict:
    """The answer, and the files whose passages share most of its words."""
    said = set(re.findall(r"\w{4,}", answer.lower()))
    sources = []
    for passage in passages:
        common = said & set(re.findall(r"\w{4,}", passage["text"].lower()))
        if said and len(common) >= len(said) / 2 and passage["source"] not in sources:
            sources.append(passage["source"])
    return {"answer": re.sub(r"^\[[^\]]*\]\s*", "", answer.strip()), "sources": sources}
