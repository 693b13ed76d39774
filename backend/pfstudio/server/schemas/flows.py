"""What flows look like in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FlowType = Literal["standard", "chat", "evaluation"]
FlowKind = Literal["dag", "flex", "prompty"]


class FlowItem(BaseModel):
    path: str
    name: str
    owner: str
    kind: FlowKind
    type: FlowType
    display_name: str
    description: str
    modified: datetime
    writable: bool


class FlowList(BaseModel):
    flows: list[FlowItem]


class FlowCreate(BaseModel):
    """A new flow of one's own: of a `type`, from a gallery `template`, or a copy of a flow (`copy_of`: share path)."""

    model_config = ConfigDict(extra="forbid")

    name: str
    type: FlowType | None = None
    template: str | None = None
    copy_of: str | None = None


class FlowCreated(BaseModel):
    path: str


class FlowProblem(BaseModel):
    """Something wrong in a flow; `line` and `column` count from 1, null where no place is known."""

    file: str | None
    line: int | None
    column: int | None
    severity: Literal["error", "warning"]
    code: str
    message: str


class FlowInput(BaseModel):
    name: str
    type: str
    has_default: bool
    default: Any = None
    description: str | None = None
    is_chat_input: bool = False
    is_chat_history: bool = False
    line: int | None = None


class FlowOutput(BaseModel):
    name: str
    type: str | None
    reference: Any = None
    is_chat_output: bool = False
    line: int | None = None


class NodeSource(BaseModel):
    type: str | None = None
    path: str | None = None
    tool: str | None = None


class SignatureInput(BaseModel):
    name: str
    type: list[str]
    required: bool
    default: Any = None
    enum: list[Any] | None = None


class Signature(BaseModel):
    """What a node's source takes: the parameters of its tool function, or the variables of its template."""

    function: str | None
    inputs: list[SignatureInput]


class NodeActivate(BaseModel):
    when: Any
    value: Any = Field(serialization_alias="is", validation_alias="is")


class FlowNode(BaseModel):
    name: str
    type: str
    line: int | None = None
    source: NodeSource | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)
    connection: str | None = None
    api: str | None = None
    provider: str | None = None
    aggregation: bool = False
    activate: NodeActivate | None = None
    use_variants: bool = False
    signature: Signature | None = None


class NodeVariants(BaseModel):
    default_variant_id: str | None = None
    variants: dict[str, FlowNode] = Field(default_factory=dict)


class FlowEntry(BaseModel):
    """What a flex flow calls: `module:name`, and where that is, if it is in a file of the flow."""

    name: str
    file: str | None
    line: int | None


class PromptyModel(BaseModel):
    """The model that a prompty asks; `connection` is null where it says all itself or leaves it to the environment."""

    api: str
    connection: str | None
    name: str | None
    parameters: dict[str, Any]
    response: str


class FlowRead(BaseModel):
    """The flow as its files say now, and what is wrong with it. Lists are empty while they cannot be read.

    `path` addresses it: the folder of its flow file, or a prompty itself; `file` is a name in `folder`. A DAG flow has
    nodes. A flex flow has an `entry` and, of a class, `init`, what its constructor takes; a prompty has a `model`.
    `sample` has `inputs` and `init` for runs that are given none.
    """

    path: str
    name: str
    owner: str
    kind: FlowKind
    type: FlowType
    writable: bool
    display_name: str
    description: str
    folder: str
    file: str
    etag: str
    problems: list[FlowProblem]
    inputs: list[FlowInput]
    outputs: list[FlowOutput]
    nodes: list[FlowNode]
    node_variants: dict[str, NodeVariants]
    connections: list[str]
    message_format: str = "basic"
    entry: FlowEntry | None = None
    init: list[FlowInput] = Field(default_factory=list)
    sample: dict[str, dict[str, Any]] = Field(default_factory=dict)
    model: PromptyModel | None = None
