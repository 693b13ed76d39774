"""Checks flex flows and prompties and reports everything at once. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.entry_errors import GenerateFlowMetaJsonError, InvalidFlexFlowEntry
from pfstudio.flow.entry_signature import merged
from pfstudio.flow.entry_source import module_path, read_entry
from pfstudio.flow.files import FlowFiles
from pfstudio.flow.flex import FlexFlow, is_entry, read_flex
from pfstudio.flow.prompty import PromptyFile, input_fields, read_prompty, sample_inputs
from pfstudio.flow.templates import check_template, variables_of
from pfstudio.flow.validation import Problem

_CONFIGURATION = ("azure_openai", "AzureOpenAI", "openai", "OpenAI")
_KNOWN_FLEX = frozenset({"$schema", "path", "id", "environment", "message_format"})


def check_flex(files: FlowFiles, file: str, *, variables: Mapping[str, str] | None = None) -> list[Problem]:
    """Everything that is wrong with a flex flow, in the order of its places.

    `variables` stand in for this process's environment.
    """
    found: list[PromptflowException] = []
    warnings: list[Problem] = []
    try:
        flow = read_flex(files, file, report=found.append, variables=variables)
    except (PromptflowException, ValueError) as error:
        return [_problem(_as_ours(error, file), file)]
    if is_entry(flow.entry):
        try:
            _check_entry(files, flow)
        except PromptflowException as error:
            found.append(error)
    for key in sorted(set(flow.flow.extra) - _KNOWN_FLEX):
        warnings.append(_warning(file, 1, "unknown_key", f"The key '{key}' has no meaning in a flex flow."))
    return _ordered([*(_problem(error, file) for error in found), *warnings], file)


def _check_entry(files: FlowFiles, flow: FlexFlow) -> None:
    path = module_path(flow.module, flow.code, files)
    if path is None:
        _check_installed(flow)
        return
    source = read_entry(files, path, flow.entry)
    if source.signature is not None:
        merged(source.signature, flow.declared, flow.flow.file)


def _check_installed(flow: FlexFlow) -> None:
    """A module that is not in the flow folder must be installed; it is looked for, not imported."""
    from importlib.util import find_spec

    top = flow.module.partition(".")[0]
    try:
        known = bool(flow.flow.additional_includes) or find_spec(top) is not None
    except (ImportError, ValueError):
        known = False
    if not known:
        path = "/".join([*([flow.code] if flow.code else []), f"{flow.module.replace('.', '/')}.py"])
        raise InvalidFlexFlowEntry(
            f"The entry's module '{flow.module}' is neither beside the flow ('{path}') nor installed.",
            file=flow.flow.file,
            line=flow.entry_line,
        )


def check_prompty(files: FlowFiles, file: str, *, variables: Mapping[str, str] | None = None) -> list[Problem]:
    """Everything that is wrong with a prompty, in the order of its places.

    `variables` stand in for this process's environment.
    """
    notes: list[str] = []
    try:
        prompty = read_prompty(files, file, warn=notes.append, variables=variables)
    except (PromptflowException, ValueError) as error:
        return [_problem(_as_ours(error, file), file)]
    problems = [_warning(file, 1, "unknown_reference", note) for note in notes]
    try:
        check_template(prompty.template, file)
    except PromptflowException as error:
        line = prompty.template_line + (error.line or 1) - 1
        problems.append(Problem(file, line, 1, "error", error.code, error.message))
    else:
        problems += _variable_problems(prompty, files)
    problems += _model_problems(prompty)
    try:
        sample_inputs(prompty, files)
    except (PromptflowException, ValueError) as error:
        problems.append(_problem(_as_ours(error, file), file))
    return _ordered(problems, file)


def _variable_problems(prompty: PromptyFile, files: FlowFiles) -> Iterator[Problem]:
    try:
        known = input_fields(prompty, files)
    except (PromptflowException, ValueError):
        return  # The sample cannot be read, which is reported on its own.
    for name, _ in variables_of(prompty.template, prompty.file):
        if name not in known:
            message = f"The prompt uses '{name}', which is not among the inputs, so it shows as nothing."
            yield _warning(prompty.file, prompty.template_line, "missing_template_variable", message)


def _model_problems(prompty: PromptyFile) -> Iterator[Problem]:
    line = prompty.lines.get("model", 1)
    configuration = prompty.model.configuration
    if not isinstance(configuration, Mapping):
        yield Problem(prompty.file, line, 1, "error", "prompty_format", "'configuration' must be a mapping.")
        return
    own = [key for key in configuration if key not in ("type", "connection", "model", "azure_deployment")]
    if configuration.get("connection") and own:
        message = "Cannot configure model config and connection in configuration at the same time."
        yield Problem(prompty.file, line, 1, "error", "invalid_connection", message)
    kind = configuration.get("type")
    if not configuration.get("connection") and kind not in _CONFIGURATION:
        message = f"The 'type' of 'configuration' is {_shown(kind)}. Known are azure_openai and openai."
        yield Problem(prompty.file, line, 1, "error", "unknown_connection_type", message)
    if not (configuration.get("model") or configuration.get("azure_deployment")):
        message = "'configuration' names no model: give it 'model', or 'azure_deployment' for Azure OpenAI."
        yield _warning(prompty.file, line, "missing_model", message)


def _shown(kind: Any) -> str:
    return "missing" if kind is None else f"'{kind}'"


def _as_ours(error: Exception, file: str) -> PromptflowException:
    """An error of a file that is no JSON, as one with a place."""
    if isinstance(error, PromptflowException):
        return error
    return PromptflowException(f"A file that is named here cannot be read: {error}.", file=file)


def _problem(error: PromptflowException, file: str) -> Problem:
    said = error.problem if isinstance(error, GenerateFlowMetaJsonError) else error.message
    return Problem(error.file or file, error.line or 1, getattr(error, "column", 1), "error", error.code, said)


def _warning(file: str, line: int, code: str, message: str) -> Problem:
    return Problem(file, line or 1, 1, "warning", code, message)


def _ordered(problems: list[Problem], file: str) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file != file, problem.file, problem.line))
