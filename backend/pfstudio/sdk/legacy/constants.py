"""Words and names that promptflow kept in modules of constants."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

VERSION: Final = "1.18.5"  # The version whose names, files and words are answered here.

DEFAULT_ENCODING: Final = "utf-8"
FLOW_DAG_YAML: Final = "flow.dag.yaml"
FLOW_FLEX_YAML: Final = "flow.flex.yaml"
FLOW_META_JSON: Final = "flow.json"
FLOW_TOOLS_JSON: Final = "flow.tools.json"
PROMPTY_EXTENSION: Final = ".prompty"
PROMPT_FLOW_DIR_NAME: Final = ".promptflow"
PROMPT_FLOW_RUNS_DIR_NAME: Final = ".runs"
PROMPT_FLOW_HOME_DIR_ENV_VAR: Final = "PF_HOME_DIRECTORY"
LANGUAGE_KEY: Final = "language"
LINE_NUMBER: Final = "line_number"
LINE_NUMBER_KEY: Final = "line_number"
LINE_TIMEOUT_SEC: Final = 600
LOGGER_NAME: Final = "promptflow"
OUTPUT_FILE_NAME: Final = "output.jsonl"
DEFAULT_OUTPUT_NAME: Final = "output"
CHAT_HISTORY: Final = "chat_history"
DEFAULT_VAR_ID: Final = "default_variant_id"
DEFAULT_VARIANT: Final = "variant_0"
NODE_VARIANTS: Final = "node_variants"
USE_VARIANTS: Final = "use_variants"
VARIANTS: Final = "variants"
NODES: Final = "nodes"
NODE: Final = "node"
INPUTS: Final = "inputs"
SCRUBBED_VALUE: Final = "******"
SCRUBBED_VALUE_NO_CHANGE: Final = "<no-change>"
SCRUBBED_VALUE_USER_INPUT: Final = "<user-input>"
CONNECTION_SCRUBBED_VALUE: Final = SCRUBBED_VALUE
CONNECTION_SCRUBBED_VALUE_NO_CHANGE: Final = SCRUBBED_VALUE_NO_CHANGE
CONNECTION_NAME_PROPERTY: Final = "__connection_name"
CONNECTION_SECRET_KEYS: Final = "__secret_keys"  # noqa: S105 - an attribute's name.
PROMPTFLOW_CONNECTIONS: Final = "PROMPTFLOW_CONNECTIONS"
PF_USER_AGENT: Final = "PF_USER_AGENT"
USER_AGENT: Final = "USER_AGENT"
PF_LOGGING_LEVEL: Final = "PF_LOGGING_LEVEL"
MAX_RUN_LIST_RESULTS: Final = 50
MAX_LIST_CLI_RESULTS: Final = 50
MAX_SHOW_DETAILS_RESULTS: Final = 100
BULK_RUN_ERRORS: Final = "BulkRunErrors"


class RunStatus:
    QUEUED = "Queued"
    NOT_STARTED = "NotStarted"
    PREPARING = "Preparing"
    PROVISIONING = "Provisioning"
    STARTING = "Starting"
    RUNNING = "Running"
    CANCEL_REQUESTED = "CancelRequested"
    CANCELED = "Canceled"
    FINALIZING = "Finalizing"
    COMPLETED = "Completed"
    FAILED = "Failed"
    UNAPPROVED = "Unapproved"
    NOTRESPONDING = "NotResponding"
    PAUSING = "Pausing"
    PAUSED = "Paused"

    @classmethod
    def list(cls) -> list[str]:
        return [value for name, value in vars(cls).items() if name.isupper()]

    @classmethod
    def get_terminated_statuses(cls) -> set[str]:
        return {cls.COMPLETED, cls.FAILED, cls.CANCELED}


class FlowRunProperties:
    FLOW_PATH = "flow_path"
    OUTPUT_PATH = "output_path"
    NODE_VARIANT = "node_variant"
    RUN = "run"
    SYSTEM_METRICS = "system_metrics"
    COMMAND = "command"
    OUTPUTS = "outputs"
    RESUME_FROM = "resume_from"
    COLUMN_MAPPING = "column_mapping"
    INIT_KWARGS = "init_kwargs"


class LocalStorageFilenames:
    SNAPSHOT_FOLDER = "snapshot"
    FLOW_TOOLS_JSON = FLOW_TOOLS_JSON
    INPUTS = "inputs.jsonl"
    OUTPUTS = "outputs.jsonl"
    DETAIL = "detail.json"
    METRICS = "metrics.json"
    LOG = "logs.txt"
    FLOW_LOGS_FOLDER = "flow_logs"
    EXCEPTION = "error.json"
    META = "meta.json"


class Local2Cloud:
    BLOB_ROOT_PROMPTFLOW = "promptflow"
    BLOB_ROOT_RUNS = "runs"
    BLOB_ARTIFACTS = "PromptFlowArtifacts"
    BLOB_EXPERIMENT_RUN = "ExperimentRun"
    ASSET_NAME_DEBUG_INFO = "debug_info"
    ASSET_NAME_FLOW_OUTPUTS = "flow_outputs"
    EXECUTION_LOG = "logs/azureml/executionlogs.txt"
    FLOW_INSTANCE_RESULTS_FILE_NAME = "instance_results.jsonl"


class ConnectionType(str, Enum):
    AZURE_OPEN_AI = "AzureOpenAI"
    OPEN_AI = "OpenAI"
    QDRANT = "Qdrant"
    COGNITIVE_SEARCH = "CognitiveSearch"
    SERP = "Serp"
    AZURE_CONTENT_SAFETY = "AzureContentSafety"
    AZURE_AI_SERVICES = "AzureAIServices"
    FORM_RECOGNIZER = "FormRecognizer"
    WEAVIATE = "Weaviate"
    SERVERLESS = "Serverless"
    CUSTOM = "Custom"


class ConnectionFields(str, Enum):
    CONNECTION = "connection"
    DEPLOYMENT_NAME = "deployment_name"
    MODEL = "model"


class ConnectionAuthMode:
    KEY = "key"
    MEID_TOKEN = "meid_token"  # noqa: S105 - a word for a way to sign in.


class ConnectionDefaultApiVersion:
    AZURE_OPEN_AI = "2024-02-01"
    COGNITIVE_SEARCH = "2023-11-01"
    AZURE_CONTENT_SAFETY = "2023-10-01"
    FORM_RECOGNIZER = "2023-07-31"


class FlowUse:
    """What a flow is for: the `type` of its file."""

    STANDARD = "standard"
    EVALUATION = "evaluation"
    CHAT = "chat"

    @staticmethod
    def get_all_values() -> list[str]:
        return ["standard", "evaluation", "chat"]


class FlowType:
    """How a flow is written."""

    DAG_FLOW = "dag"
    FLEX_FLOW = "flex"
    PROMPTY = "prompty"


class FlowLanguage:
    Python = "python"
    CSharp = "csharp"


class MessageFormatType:
    BASIC = "basic"
    OPENAI_VISION = "openai-vision"


class TokenKeys:
    TOTAL_TOKENS = "total_tokens"
    COMPLETION_TOKENS = "completion_tokens"
    PROMPT_TOKENS = "prompt_tokens"

    @staticmethod
    def get_all_values() -> list[str]:
        return ["total_tokens", "completion_tokens", "prompt_tokens"]


class RunMode(str, Enum):
    Test = "Test"
    SingleNode = "SingleNode"
    Batch = "Batch"


class ToolType(str, Enum):
    LLM = "llm"
    PYTHON = "python"
    CSHARP = "csharp"
    PROMPT = "prompt"
    CUSTOM_LLM = "custom_llm"


class TraceType(str, Enum):
    LLM = "LLM"
    FUNCTION = "Function"
    LANGCHAIN = "LangChain"
    FLOW = "Flow"
    EMBEDDING = "Embedding"
    RETRIEVAL = "Retrieval"


def get_list_view_type(archived_only: bool, include_archived: bool) -> Any:
    """Which runs a list shows.

    Raises:
        UserErrorException: both were asked for.
    """
    from pfstudio.errors import UserErrorException
    from pfstudio.sdk.operations.runs import ListViewType

    if archived_only and include_archived:
        raise UserErrorException("Cannot provide both archived-only and include-archived.")
    if archived_only:
        return ListViewType.ARCHIVED_ONLY
    return ListViewType.ALL if include_archived else ListViewType.ACTIVE_ONLY
