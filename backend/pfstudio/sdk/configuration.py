"""Settings of `pf` and `PFClient`: `pf.yaml` files, and what was given to the client.

The nearest `pf.yaml` from the working folder upward counts, and the keys of the one in the home folder come before it,
as promptflow had it. What a `PFClient` was given comes before both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pfstudio.errors import NotFoundError, UserErrorException
from pfstudio.flow.errors import ValidationException

FILE_NAME: Final = "pf.yaml"
FLOW_DIRECTORY: Final = "${flow_directory}"
KNOWN_KEYS: Final = (
    "connection.provider",
    "enable_internal_features",
    "run.output_path",
    "service.host",
    "telemetry.enabled",
    "trace.destination",
    "user_agent",
)


class InvalidConfigValue(ValidationException):
    """A setting was given a value it cannot have."""


class CloudSettingError(UserErrorException):
    """The setting would need Azure Machine Learning."""


class Configuration:
    """The settings that count for one working folder. Reading creates nothing."""

    def __init__(self, given: Mapping[str, Any] | None = None, *, folder: Path | None = None) -> None:
        self._given = dict(given or {})
        self._folder = folder

    def get(self, key: str) -> Any:
        """The value of a dotted key; None where nobody set it."""
        if key in self._given:
            return self._given[key]
        value: Any = self.all()
        for part in key.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return None
            value = value[part]
        return value

    def all(self) -> dict[str, Any]:
        """Everything the files say, nested as in them."""
        from pfstudio.connections.local_store import pf_home

        settings: dict[str, Any] = {}
        for file in (_nearest_file(self._folder or Path.cwd()), pf_home() / FILE_NAME):
            if file is not None:
                _merge(settings, read_settings(file))
        return settings

    def run_output_path(self, flow_folder: Path) -> Path | None:
        """The folder that new runs are made in, where one was set: `${flow_directory}` stands for the flow's folder."""
        value = self.get("run.output_path")
        if not value:
            return None
        check_value("run.output_path", value)
        return Path(str(value).replace(FLOW_DIRECTORY, str(flow_folder))).expanduser().absolute()

    def require_local_connections(self) -> None:
        """Connections come from this machine.

        Raises:
            CloudSettingError: `connection.provider` names a workspace of Azure Machine Learning.
        """
        check_value("connection.provider", self.get("connection.provider") or "local")


def set_values(values: Mapping[str, str], folder: Path | None = None) -> Path:
    """Write settings into the `pf.yaml` of a folder, the home folder by default; returns the file.

    Raises:
        InvalidConfigValue, CloudSettingError: a value will not do; nothing was written.
        NotFoundError: there is no such folder.
    """
    from pfstudio.connections.local_store import pf_home

    if folder is not None and not folder.is_dir():
        raise NotFoundError(f"The folder '{folder}' does not exist.")
    for key, value in values.items():
        check_value(key, value)
    file = (folder or pf_home()) / FILE_NAME
    settings = read_settings(file) if file.is_file() else {}
    for key, value in values.items():
        _place(settings, key, value, file)
    _write(file, settings)
    return file


def check_value(key: str, value: Any) -> None:
    """Refuse what can never work.

    Raises:
        InvalidConfigValue, UserErrorException: the value makes no sense.
        CloudSettingError: it needs Azure Machine Learning.
    """
    text = str(value)
    if key == "run.output_path" and text.rstrip("/\\") == FLOW_DIRECTORY:
        raise InvalidConfigValue(
            "Cannot specify flow directory as run output path; if you want to specify run output path under flow "
            "directory, please use its child folder, e.g. '${flow_directory}/.runs'."
        )
    if key == "connection.provider" and text != "local":
        if text.startswith("azureml"):
            raise CloudSettingError(
                "Connections of an Azure Machine Learning workspace cannot be reached from here: create them with "
                "`pf connection create` and leave 'connection.provider' at 'local'."
            )
        raise UserErrorException(f"Unsupported connection provider: {text}")
    if key == "trace.destination" and text.startswith("azureml"):
        raise CloudSettingError(
            "Traces are not sent to Azure Machine Learning from here: they are kept with each run, and go to the "
            "collector that OTEL_EXPORTER_OTLP_ENDPOINT names."
        )
    if key == "trace.destination" and text not in ("local", "none") and not text.startswith(("http://", "https://")):
        raise UserErrorException(
            f"Unsupported trace destination: {text}. There are 'local', 'none' and the http address of a collector."
        )


def unknown_keys(values: Mapping[str, Any]) -> list[str]:
    """Keys that mean nothing here; they are stored all the same, as promptflow did."""
    return [key for key in values if key not in KNOWN_KEYS]


def read_settings(file: Path) -> dict[str, Any]:
    """What a `pf.yaml` says; empty where it is not there or cannot be opened.

    Raises:
        UserErrorException: it is no YAML, or no mapping; with its line.
    """
    from pfstudio.flow.yaml_reader import plain, read_yaml

    try:
        content = file.read_bytes()
    except OSError:
        return {}
    settings = plain(read_yaml(content, str(file)))
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise UserErrorException("The settings are no mapping of keys to values.", file=str(file), line=1)
    return settings


def _nearest_file(start: Path) -> Path | None:
    return next((file for file in _files_upward(start) if file.is_file()), None)


def _files_upward(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents):
        yield folder / FILE_NAME


def _merge(settings: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(settings.get(key), dict):
            _merge(settings[key], value)
        else:
            settings[key] = value


def _place(settings: dict[str, Any], key: str, value: str, file: Path) -> None:
    *parents, last = key.split(".")
    inner = settings
    for part in parents:
        inner = inner.setdefault(part, {})
        if not isinstance(inner, dict):
            raise InvalidConfigValue(f"'{part}' has a value in '{file}' already, so '{key}' cannot be set below it.")
    inner[last] = value


def _write(file: Path, settings: Mapping[str, Any]) -> None:
    import yaml

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f".{file.name}.{os.getpid()}")
        fresh.write_text(yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True), encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        raise UserErrorException(f"The settings cannot be written to '{file}': {error.strerror}.") from error
