"""`promptflow._sdk._serving` was the older home of `promptflow.core._serving`."""

raise ImportError(
    "A flow is not served over HTTP by this version of pfstudio. Call it from your own web application with "
    "`promptflow.client.load_flow`, or open it with `pf flow test --ui`."
)
