"""What can be wrong with a flow folder. Class names and sentences are those users know from promptflow 1.18."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pfstudio.errors import ErrorTarget, SDKError, UserErrorException

_GRAPH = "Invalid node definitions found in the flow graph. "
_OUTPUT = "The output '{output_name}' for flow is incorrect. "


class ValidationException(UserErrorException):
    """Something that was checked does not hold."""


class InvalidFlowRequest(ValidationException):
    """The flow, or what it was given, is not usable as it stands."""

    def __init__(self, message: str = "", message_format: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("target", ErrorTarget.EXECUTOR)
        super().__init__(message, message_format, **kwargs)


class FlowYamlError(ValidationException):
    """The file is not the YAML it should be. `place` has its line and column."""

    code = "flow_yaml"

    def __init__(self, file: str, place: tuple[int, int], problem: str) -> None:
        super().__init__(f"{file}, line {place[0]}: {problem}", file=file, line=place[0])
        self.column = place[1]


class FlowPathError(UserErrorException):
    """No flow is where one was looked for."""

    original_name = "UserErrorException"


class AmbiguousFlowError(ValidationException):
    def __init__(self, names: Iterable[str], folder: object) -> None:
        super().__init__(
            f"Multiple files {', '.join(names)} exist in {folder}. Please specify a file or remove the extra YAML file."
        )


class UnsupportedFlowKindError(ValidationException):
    def __init__(self, file: str, kind: str) -> None:
        super().__init__(f"{file} is a {kind}, which is not run as a DAG flow.", file=file)


class FlowDefinitionError(UserErrorException):
    """A part of the YAML does not have the shape it needs."""

    @classmethod
    def of_activate(cls, node: str, **where: Any) -> FlowDefinitionError:
        """The activate condition of a node lacks its `when` or its `is`."""
        message = f"The definition of activate config for node {node} is incorrect."
        return cls(f"{message} Please check your flow yaml and resubmit.", **where)


class UnknownNodeTypeError(ValidationException):
    def __init__(self, node: str, type_name: object, known: Iterable[str], **where: Any) -> None:
        said = "has no type" if type_name is None else f"has the unknown type '{type_name}'"
        super().__init__(f"Node '{node}' {said}. Known are {', '.join(known)}.", **where)


class UnknownValueTypeError(ValidationException):
    def __init__(self, kind: str, name: str, type_name: object, known: Iterable[str], **where: Any) -> None:
        said = "has no type" if type_name is None else f"has the unknown type '{type_name}'"
        super().__init__(f"The flow {kind} '{name}' {said}. Known are {', '.join(known)}.", **where)


class InvalidMessageFormatType(UserErrorException):
    def __init__(self, given: object, **where: Any) -> None:
        super().__init__(
            f"Invalid message format '{given}'. Supported message formats are ['basic', 'openai-vision'].", **where
        )


class UnsupportedLanguageError(ValidationException):
    def __init__(self, language: str, **where: Any) -> None:
        super().__init__(f"Unsupported language: {language}. Only flows in python run here.", **where)


class IncludeNotFoundError(UserErrorException):
    def __init__(self, path: str, **where: Any) -> None:
        super().__init__(f"Unable to find additional include {path}", **where)


class ForbiddenEnvironmentVariableError(ValidationException):
    def __init__(self, name: str, **where: Any) -> None:
        super().__init__(
            f"A flow may not set the environment variable '{name}', because it changes how programs are started. "
            "Set it outside the flow where it is needed.",
            **where,
        )


class DuplicateNodeName(InvalidFlowRequest):
    def __init__(self, node: str, **where: Any) -> None:
        super().__init__(
            message_format=_GRAPH
            + "Node with name '{node_name}' appears more than once in the node definitions in your flow, which is not "
            "allowed. To address this issue, please review your flow and either rename or remove nodes with identical "
            "names.",
            node_name=node,
            **where,
        )


class InputReferenceNotFound(InvalidFlowRequest):
    def __init__(self, node: str, input_name: str, hint: str = "", **where: Any) -> None:
        super().__init__(
            message_format=_GRAPH
            + "Node '{node_name}' references flow input '{input_name}' which is not defined in your flow. To resolve "
            "this issue, please review your flow, ensuring that you either add the missing flow inputs or adjust node "
            "reference to the correct flow input." + _literal(hint),
            node_name=node,
            input_name=input_name,
            **where,
        )


class NodeReferenceNotFound(InvalidFlowRequest):
    def __init__(self, node: str, reference: str, hint: str = "", **where: Any) -> None:
        super().__init__(
            message_format=_GRAPH
            + "Node '{node_name}' references a non-existent node '{reference_node_name}' in your flow. Please review "
            "your flow to ensure that the node name is accurately specified." + _literal(hint),
            node_name=node,
            reference_node_name=reference,
            **where,
        )


class NodeCircularDependency(InvalidFlowRequest):
    def __init__(self, nodes: Iterable[str], **where: Any) -> None:
        super().__init__(
            message_format=_GRAPH
            + "Node circular dependency has been detected among the nodes in your flow. Kindly review the reference "
            "relationships for the nodes {node_names} and resolve the circular reference issue in the flow.",
            node_names=sorted(nodes),
            **where,
        )


class InvalidNodeReference(InvalidFlowRequest):
    @classmethod
    def to_aggregation(cls, node: str, references: Iterable[str], **where: Any) -> InvalidNodeReference:
        """A normal node uses the output of aggregation nodes."""
        return cls(
            message_format=_GRAPH
            + "Non-aggregate node '{node_name}' cannot reference aggregate nodes {reference_nodes}. Please review and "
            "rectify the node reference.",
            node_name=node,
            reference_nodes="{" + ", ".join(repr(name) for name in sorted(references)) + "}",
            **where,
        )

    @classmethod
    def in_activate(cls, node: str, reference: str, **where: Any) -> InvalidNodeReference:
        """An aggregation node's activate condition names a normal node."""
        return cls(
            message_format=_GRAPH
            + "Non-aggregation node '{reference_node_name}' cannot be referenced in the activate config of the "
            "aggregation node '{node_name}'. Please review and rectify the node reference.",
            node_name=node,
            reference_node_name=reference,
            **where,
        )


class EmptyOutputReference(InvalidFlowRequest):
    def __init__(self, output: str, **where: Any) -> None:
        super().__init__(
            message_format=_OUTPUT
            + "The reference is not specified for the output '{output_name}' in the flow. To rectify this, ensure that "
            "you accurately specify the reference in the flow.",
            output_name=output,
            **where,
        )


class OutputReferenceNotFound(InvalidFlowRequest):
    @classmethod
    def no_input(cls, output: str, input_name: str, hint: str = "", **where: Any) -> OutputReferenceNotFound:
        """The output names a flow input that is not declared."""
        return cls(
            message_format=_OUTPUT
            + "The output '{output_name}' references non-existent flow input '{name}' in your flow. Please carefully "
            "review your flow and correct the reference definition for the output in question." + _literal(hint),
            output_name=output,
            name=input_name,
            **where,
        )

    @classmethod
    def no_node(cls, output: str, node: str, hint: str = "", **where: Any) -> OutputReferenceNotFound:
        """The output names a node that is not there."""
        return cls(
            message_format=_OUTPUT
            + "The output '{output_name}' references non-existent node '{name}' in your flow. To resolve this issue, "
            "please carefully review your flow and correct the reference definition for the output in question."
            + _literal(hint),
            output_name=output,
            name=node,
            **where,
        )


class InvalidFlowError(SDKError):
    """A variant was asked for that the flow cannot give."""


class InvalidVariantError(InvalidFlowError):
    """What should name a variant has another form."""

    original_name = "UserErrorException"

    def __init__(self, text: str) -> None:
        super().__init__(f"Invalid variant format: {text}, variant should be in format of ${{TUNING_NODE.VARIANT}}")


class NodeReferenceError(UserErrorException):
    """A reference cannot be followed."""


class UnsupportedReference(NodeReferenceError):  # noqa: N818 - the original's public name.
    def __init__(self, node: str, section: str, **where: Any) -> None:
        super().__init__(
            message_format="The section '{section}' of reference is currently unsupported. Please specify the output "
            "part of the node '{reference_node_name}'.",
            section=section,
            reference_node_name=node,
            target=ErrorTarget.EXECUTOR,
            **where,
        )


class InvalidReferenceProperty(NodeReferenceError):  # noqa: N818 - the original's public name.
    def __init__(self, node: str, path: str, **where: Any) -> None:
        super().__init__(
            message_format="Flow execution failed. Invalid property '{invalid_property}' when accessing the node "
            "'{node_name}'. Please check the property and try again.",
            invalid_property=path,
            node_name=node,
            target=ErrorTarget.EXECUTOR,
            **where,
        )


class InvalidSource(ValidationException):
    """The file that a node names is not there."""

    def __init__(
        self, node: str, path: object, *, is_template: bool = False, input_name: str | None = None, **where: Any
    ) -> None:
        if input_name is not None:
            message = f"Input '{input_name}' for node '{node}' of value '{path}' is not a valid path."
        elif is_template:
            message = f"Node source path '{path}' is invalid on node '{node}'."
        elif path:
            message = f"Load tool failed for node '{node}'. Tool file '{path}' can not be found."
        else:
            message = f"Load tool failed for node '{node}'. The source path is '{path}'."
        super().__init__(message, **where)


class NodeSourceMissingError(UserErrorException):
    def __init__(self, node: str, **where: Any) -> None:
        super().__init__(f"Node {node} does not have source defined.", **where)


class UnsupportedSourceTypeError(ValidationException):
    def __init__(self, source_type: str, node_type: str, **where: Any) -> None:
        super().__init__(f"Tool source type {source_type} for {node_type} tool is not supported yet.", **where)


class ToolValidationError(UserErrorException):
    """A tool file cannot serve as a tool."""


class PythonParsingError(ToolValidationError):
    """The Python of a tool file is not usable."""


class PythonLoadError(PythonParsingError):
    """The Python file does not load."""

    def __init__(self, path: str, cause: BaseException, **where: Any) -> None:
        super().__init__(
            message_format="Failed to load python module from file '{path}': {error_type_and_message}",
            path=path,
            error_type_and_message=f"({type(cause).__name__}) {cause}",
            error=cause,
            **where,
        )


class NoToolDefined(PythonParsingError):  # noqa: N818 - the original's public name.
    def __init__(self, file: str, **where: Any) -> None:
        super().__init__(
            "No tool found in the python script. Please make sure you have one and only one tool definition "
            "in your script.",
            file=file,
            **where,
        )


class MultipleToolsDefined(PythonParsingError):  # noqa: N818 - the original's public name.
    def __init__(self, names: Iterable[str], **where: Any) -> None:
        listed = sorted(names)
        super().__init__(
            f"Expected 1 but collected {len(listed)} tools: {', '.join(listed)}. "
            "Please make sure you have one and only one tool definition in your script.",
            **where,
        )


class BadFunctionInterface(PythonParsingError):  # noqa: N818 - the original's public name.
    """The signature of a tool cannot be understood."""


class JinjaParsingError(ToolValidationError):
    """A template is not valid Jinja."""

    def __init__(self, template_line: int | None, cause: BaseException, **where: Any) -> None:
        super().__init__(
            message_format="Jinja parsing failed at line {line_number}: {error_type_and_message}",
            line_number=template_line,
            error_type_and_message=f"({type(cause).__name__}) {cause}",
            error=cause,
            **where,
        )


def _literal(hint: str) -> str:
    """Text that stays as it is inside a message format."""
    return hint.replace("{", "{{").replace("}", "}}")
