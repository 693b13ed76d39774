"""`promptflow.executor._errors`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.engine.errors": (
            "InputNotFound InputParseError InputTypeError InvalidAggregationInput LineExecutionTimeoutError "
            "NoNodeExecutedError OutputReferenceNotExist ResolveToolError SingleNodeValidationError"
        ),
        "pfstudio.flow.errors": (
            "DuplicateNodeName EmptyOutputReference InputReferenceNotFound InvalidFlowRequest "
            "InvalidNodeReference InvalidReferenceProperty NodeCircularDependency NodeReferenceError "
            "NodeReferenceNotFound OutputReferenceNotFound ToolValidationError UnsupportedReference "
            "ValidationException"
        ),
        "pfstudio.tools.errors": "GetConnectionError InvalidCustomLLMTool InvalidRequest NodeInputValidationError",
        "pfstudio.models.errors": "InvalidConnectionType",
        "pfstudio.engine.flex_errors": (
            "FlowEntryInitializationError InvalidAggregationFunction InvalidModelConfigValueType ScriptExecutionError"
        ),
        "pfstudio.tools.assistant": "InvalidAssistantTool",
        "pfstudio.flow.entry_errors": "InvalidFlexFlowEntry",
        "pfstudio.sandbox.batch_errors": "BatchExecutionTimeoutError ProcessCrashError",
        "pfstudio.errors": "ErrorTarget PromptflowException SystemErrorException UserErrorException",
        "pfstudio.sdk.legacy.errors": (
            "AggregationNodeExecutionTimeoutError EmptyLLMApiMapping InputNotFoundFromAncestorNodeOutput "
            "InvalidBulkTestRequest NodeOutputNotFound ProcessInfoObtainedTimeout ProcessTerminatedTimeout "
            "SpawnedForkProcessManagerStartFailure ThreadCrashError ValueTypeUnresolved"
        ),
    },
)
