from pathlib import Path

from promptflow.core import tool


@tool
def split_documents(folder: str) -> list:
    """The paragraphs of all Markdown files in a folder beside this file, each with its file and heading."""
    passages = []
    for file in sorted((Path(__file__).parent / folder).glob("*.md")):
        heading = file.stem
        for paragraph in file.read_text(encoding="utf-8").split("\n\n"):
            text = " ".join(paragraph.split())
            if text.startswith("#"):
                heading = text.strip("# ")
            elif text:
                passages.append({"source": file.name, "heading": heading, "text": text})
    return passages
