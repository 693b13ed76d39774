"""The import names of Microsoft prompt flow, answered by pfstudio."""

from pfstudio.kit.lazy_names import name_alternatives, reexport, shared_path

__path__ = shared_path(__path__, __name__, sign="core/__init__.py", own="_pfstudio.py")
__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.decorator": "ToolProvider tool",
        "pfstudio.tools.metrics": "log_metric",
        "pfstudio.sdk.client": "PFClient",
        "pfstudio.sdk.flow_function": "load_flow",
        "pfstudio.sdk.runs.yaml_file": "load_run",
        "pfstudio.sdk.connection_files": "load_connection",
        "pfstudio.sdk.legacy.constants": "VERSION __version__=VERSION",
    },
)
name_alternatives(
    {
        "promptflow.evals": "it has become Microsoft's `azure-ai-evaluation`, which is not part of pfstudio. Install "
        "that and import from `azure.ai.evaluation`, or evaluate with a flow and `PFClient().run(flow, run=...)`.",
        "promptflow.rag": "it builds search indexes in Azure and is not part of pfstudio. Install Microsoft's "
        "`promptflow-rag` to go on using it, or search from a python node with your index's own library.",
    }
)
