"""New flow folders from the gallery's flows."""

from __future__ import annotations

import shutil
from pathlib import Path

from pfstudio.errors import ConflictError, NotFoundError
from pfstudio.gallery import catalog

_CONNECTIONS = {
    "openai.yaml": """\
# pf connection create --file openai.yaml
# asks for the key; then write its name and a model into the node in flow.dag.yaml.
name: open_ai_connection
type: open_ai
api_key: "<user-input>"
# base_url: http://localhost:8080/v1  # Any server that speaks the same protocol.
""",
    "azure_openai.yaml": """\
# pf connection create --file azure_openai.yaml --set api_base=https://NAME.openai.azure.com
# asks for the key; then write its name and a deployment into the node in flow.dag.yaml.
name: open_ai_connection
type: azure_open_ai
api_key: "<user-input>"
api_base: "https://NAME.openai.azure.com"
api_type: azure
""",
}


class ExampleNotFoundError(NotFoundError):
    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"There is no example flow '{name}'. There are: {', '.join(known)}.")


class FolderExistsError(ConflictError):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"The folder '{folder}' exists already and is not empty; nothing was copied.")


def copy_example(name: str, destination: Path) -> None:
    """Copy the gallery's flow of this name to a folder that does not exist or is empty."""
    source = _folder_of(name)
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise FolderExistsError(destination)
    shutil.copytree(source, destination, dirs_exist_ok=True)


def make_flow(
    kind: catalog.GalleryType, destination: Path, *, connection: str | None = None, deployment: str | None = None
) -> list[Path]:
    """Copy the blank flow of a type over a folder; returns the files written, relative to it.

    With a connection and a deployment its llm nodes use those in place of the demo model.
    """
    from pfstudio.cli.flow_wrapping import GITIGNORE, REQUIREMENTS

    source = catalog.blank_flow(kind).folder
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    shutil.copytree(source, destination, dirs_exist_ok=True)
    more = {".gitignore": GITIGNORE, "requirements.txt": REQUIREMENTS, **(_CONNECTIONS if kind == "chat" else {})}
    for name, text in more.items():
        (destination / name).write_text(text, encoding="utf-8")
    if connection or deployment:
        _use_model(destination / "flow.dag.yaml", connection, deployment)
    return [*files, *(Path(name) for name in more)]


def _use_model(flow: Path, connection: str | None, deployment: str | None) -> None:
    text = flow.read_text(encoding="utf-8")
    if connection:
        text = text.replace("  connection: demo\n", f"  connection: {connection}\n")
    if deployment:
        text = text.replace("    model: demo\n", f"    deployment_name: {deployment}\n")
    flow.write_text(text, encoding="utf-8")


def _folder_of(name: str) -> Path:
    entries = catalog.entries()
    for entry in entries:
        if entry.name == name:
            return entry.folder
    raise ExampleNotFoundError(name, [entry.name for entry in entries])
