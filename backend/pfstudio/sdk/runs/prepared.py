"""Everything that is checked before a run exists: what is refused here leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pfstudio.engine.batch.errors import StaticMappingError
from pfstudio.engine.batch.mapping import check_mapping
from pfstudio.engine.ports import ConnectionSource
from pfstudio.errors import UserErrorException
from pfstudio.flow.errors import ValidationException
from pfstudio.flow.spec import Flow
from pfstudio.runfolder.errors import RunExistsError
from pfstudio.runfolder.names import check_name
from pfstudio.sdk.runs.entity import Run, run_name
from pfstudio.sdk.runs.errors import DataPathNotFoundError, ReferencedRunError, RunArgumentError
from pfstudio.sdk.runs.flow_source import FlowSource, find_flow
from pfstudio.sdk.runs.interface import read_interface
from pfstudio.sdk.runs.naming import default_name, display_name
from pfstudio.sdk.runs.places import RunPlaces

_CLOUD: Final = ("azureml:", "http://", "https://")


class InitError(UserErrorException):
    def __init__(self, init: object, error: Exception) -> None:
        super().__init__(f"Invalid init kwargs: {init}. Expecting a json serializable dictionary. {error}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can begin. `reference` is the folder of the run that is evaluated."""

    run: Run
    name: str
    display_name: str
    source: FlowSource
    flow: Flow
    root: Path
    data: Path | None
    reference: Path | None
    reference_name: str | None
    reference_data: Path | None
    environment: Mapping[str, str] = field(default_factory=dict)
    init: Mapping[str, Any] = field(default_factory=dict)


def prepare(run: Run, places: RunPlaces, available: ConnectionSource) -> Prepared:
    """Check what was asked.

    Raises:
        RunArgumentError: no flow, or neither data nor a run to evaluate.
        DataPathNotFoundError, RunNotFoundError, ReferencedRunError: what it builds on is not there or not done.
        RunExistsError, InvalidRunNameError: the name is taken, or none.
        ConnectionNotFoundError: a node's connection is not there.
        PromptflowException: the flow has a problem.
    """
    if run.flow is None:
        raise RunArgumentError("'flow' is required to create a run.")
    if run.data is None and run.run is None:
        raise RunArgumentError("at least one of data or run must be provided")
    data = _data_path(run.data)
    _check_mapping(run.column_mapping or {})
    reference_name = run_name(run.run) if run.run is not None else None
    reference, reference_data = _reference(reference_name, places)
    source = find_flow(run.flow, run._code)
    try:
        # A prompty that was loaded with other settings than its file's is run with them.
        init = init_of(run.init or getattr(run.flow, "overrides", None))
        flow = read_interface(source, variant=run.variant, connections=run.connections, init=init)
        for node in flow.nodes:
            if node.connection:
                available.get(node.connection)
        name = _free_name(run, source, places)
        return Prepared(
            run=run,
            name=name,
            display_name=display_name(
                run.display_name, name, kind=source.kind, variant=run.variant, run=reference_name
            ),
            source=source,
            flow=flow,
            root=places.root_for(source.folder),
            data=data,
            reference=reference,
            reference_name=reference_name,
            reference_data=reference_data,
            environment=environment_of(run.environment_variables),
            init=init,
        )
    except BaseException:
        source.close()
        raise


def _check_mapping(mapping: Mapping[str, Any]) -> None:
    try:
        check_mapping(mapping)
    except StaticMappingError as error:  # Users know it by the name of its parent.
        raise ValidationException(error.message) from error


def _free_name(run: Run, source: FlowSource, places: RunPlaces) -> str:
    name = check_name(run._name or default_name(source.name, kind=source.kind, variant=run.variant))
    if places.exists(name):
        raise RunExistsError(name)
    return name


def environment_of(given: Mapping[str, Any] | str | Path | None) -> dict[str, str]:
    """The variables, of a mapping or a `.env` file."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(name): str(value) for name, value in given.items()}
    from pfstudio.sdk.env_files import read_env_file

    return read_env_file(Path(given))


def init_of(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The arguments of a class entry as JSON has them; model configurations become mappings.

    Raises:
        InitError: a value has no JSON form.
    """
    import dataclasses
    import json

    if not given:
        return {}
    try:
        text = json.dumps(dict(given), default=dataclasses.asdict)
    except (TypeError, ValueError) as error:
        raise InitError(given, error) from error
    values: dict[str, Any] = json.loads(text)
    return values


def _data_path(given: str | Path | None) -> Path | None:
    if given is None:
        return None
    if str(given).startswith(_CLOUD):
        raise RunArgumentError(f"'{given}' is not on this machine; download the data first.")
    path = Path(given).expanduser().absolute()
    if not path.exists():
        raise DataPathNotFoundError(given)
    return path.resolve()


def _reference(name: str | None, places: RunPlaces) -> tuple[Path | None, Path | None]:
    """The folder of the run to evaluate, and its data."""
    if name is None:
        return None, None
    folder = places.find(name)
    record = folder.record()
    if record.status != "Completed":
        raise ReferencedRunError(name, record.status)
    return folder.path, Path(record.data) if record.data else None
