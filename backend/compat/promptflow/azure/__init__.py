"""`promptflow.azure` was the client of Azure Machine Learning; pfstudio has no cloud part."""

raise ImportError(
    "promptflow.azure talks to Azure Machine Learning and is not part of pfstudio. Use `from promptflow.client import "
    "PFClient` to run flows here; to go on using the cloud, install Microsoft's `promptflow-azure`."
)
