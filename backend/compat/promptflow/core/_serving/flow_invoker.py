"""`promptflow.core._serving.flow_invoker` called a flow for a web application."""

raise ImportError(
    "A flow is not served over HTTP by this version of pfstudio. Call it from your own web application with "
    "`promptflow.client.load_flow`, or open it with `pf flow test --ui`."
)
