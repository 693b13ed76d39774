"""The built-in embedding tool: a text as the numbers a model gives it."""

from __future__ import annotations

from time import time

from pfstudio.connections.types import AzureOpenAIConnection, OpenAIConnection, ServerlessConnection
from pfstudio.models.call_records import record_model_call
from pfstudio.models.client import client_of, unusable_answer
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.refusals import CallPlace
from pfstudio.models.tokens import usage_of
from pfstudio.tracing.tracer import current_node_trace

_DEFAULT_MODEL = "text-embedding-ada-002"


def embedding(
    connection: AzureOpenAIConnection | OpenAIConnection | ServerlessConnection,
    input: str,  # noqa: A002 - the tool's public parameter.
    deployment_name: str = "",
    model: str = _DEFAULT_MODEL,
) -> list[float]:
    """The embedding of a text. Azure connections take `deployment_name`, others `model`."""
    endpoint = endpoint_of(connection)
    asked = deployment_name if isinstance(connection, AzureOpenAIConnection) else model
    asked = asked or deployment_name or _DEFAULT_MODEL
    # Serverless endpoints take lists only.
    body = {"model": asked, "input": [input] if isinstance(connection, ServerlessConnection) else input}
    start = time()
    answer = client_of(endpoint).call("embedding", body)
    data = answer.get("data")
    if not isinstance(data, list) or not data or not isinstance(data[0].get("embedding"), list):
        raise unusable_answer("TypeError", answer, CallPlace(endpoint, asked))
    vector = [float(number) for number in data[0]["embedding"]]
    if trace := current_node_trace():
        record_model_call(
            trace,
            endpoint,
            "embedding",
            body,
            start=start,
            output=vector,
            answer=answer,
            usage=usage_of(answer, prompt=input, output=""),
            reused=answer.reused,
        )
    return vector
