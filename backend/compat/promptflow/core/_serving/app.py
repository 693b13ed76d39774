"""`promptflow.core._serving.app` made a web application of a flow; `pf flow serve` is not here yet."""

raise ImportError(
    "A flow is not served over HTTP by this version of pfstudio. Call it from your own web application with "
    "`promptflow.client.load_flow`, or open it with `pf flow test --ui`."
)
