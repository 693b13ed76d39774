"""What flows look like in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FlowType = Literal["standard", "chat", "evaluation"]


class FlowItem(BaseModel):
    path: str
    name: str
    owner: str
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


class FlowRead(BaseModel):
    """The flow as its files say now, and what is wrong with it. Lists are empty while the YAML cannot be read."""

    path: str
    name: str
    owner: str
    type: FlowType
    writable: bool
    display_name: str
    description: str
    file: str
    etag: str
    problems: list[FlowProblem]
    inputs: list[FlowInput]
    outputs: list[FlowOutput]
    nodes: list[FlowNode]
    node_variants: dict[str, NodeVariants]
    connections: list[str]
