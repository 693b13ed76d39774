"""The built-in tools that ask a service: web search, content safety, open models."""

from __future__ import annotations

from typing import Any

import pytest

from pfstudio.connections.types import AzureContentSafetyConnection, CustomConnection, SerpConnection
from pfstudio.tools import serpapi
from pfstudio.tools.content_safety import (
    AzureContentSafetyInputValueError,
    AzureContentSafetySystemError,
    analyze_text,
)
from pfstudio.tools.open_model_llm import (
    OpenModelLLM,
    OpenModelLLMKeyValidationError,
    OpenModelLLMOnlineEndpointError,
    OpenModelLLMUserError,
    endpoint_of_connection,
)
from pfstudio.tools.serpapi import Engine, SafeMode, SerpAPI, SerpAPISystemError, SerpAPIUserError, search
from web_server import Asked, Told, WebServer, web_server

SERP = SerpConnection(api_key="serp-key", name="s")


def test_search_asks_google_for_ten_results(monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(lambda _: Told({"organic_results": [1]})) as server:
        monkeypatch.setattr(serpapi, "_ADDRESS", f"{server.url}/search")

        found = search(SERP, "rain")

    assert found == {"organic_results": [1]}
    asked = dict(server.asked[0].query)
    assert asked == {
        "q": "rain",
        "api_key": "serp-key",
        "engine": "google",
        "num": "10",
        "source": "python",
        "output": "json",
    }


def test_search_words_its_options_as_the_engine_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(lambda _: Told({})) as server:
        monkeypatch.setattr(serpapi, "_ADDRESS", server.url)
        tool = SerpAPI(SERP)

        tool.search("rain", safe=SafeMode.ACTIVE, engine=Engine.BING, num=3, location="Oslo")
        tool.search("rain", safe="active", engine="google", num=0)

    bing, google = (asked.query for asked in server.asked)
    assert (bing["safeSearch"], bing["count"], bing["location"]) == ("Strict", "3", "Oslo")
    assert (google["safe"], "num" in google, "location" in google) == ("Active", False, False)


def test_refused_search_says_why_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(lambda _: Told({"error": "Invalid API key serp-key."}, 401)) as server:
        monkeypatch.setattr(serpapi, "_ADDRESS", server.url)

        with pytest.raises(SerpAPIUserError, match=r"^Invalid API key \*\*data_scrubbed\*\*\.$"):
            search(SERP, "rain")


def test_search_that_fails_is_the_services_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(lambda _: Told(b"down", 503)) as server:
        monkeypatch.setattr(serpapi, "_ADDRESS", server.url)

        with pytest.raises(SerpAPISystemError, match="SerpAPI search request failed: down"):
            search(SERP, "rain")

    with pytest.raises(SerpAPISystemError, match="SerpAPI search request failed: ConnectError"):
        search(SERP, "rain")


def severities(**found: int) -> dict[str, Any]:
    names = {"Hate": 0, "SelfHarm": 0, "Sexual": 0, "Violence": 0, **found}
    return {"categoriesAnalysis": [{"category": name, "severity": value} for name, value in names.items()]}


def safety(server: WebServer, version: str = "2023-10-01") -> AzureContentSafetyConnection:
    return AzureContentSafetyConnection(api_key="k", endpoint=f"{server.url}/", api_version=version, name="c")


def test_harmless_text_is_accepted() -> None:
    with web_server(lambda _: Told(severities())) as server:
        decision = analyze_text(safety(server), "hello")

    accepted = dict.fromkeys(("Hate", "SelfHarm", "Sexual", "Violence"), "Accept")
    assert decision == {"suggested_action": "Accept", "action_by_category": accepted}
    asked = server.asked[0]
    assert (asked.path, asked.query) == ("/contentsafety/text:analyze", {"api-version": "2023-10-01"})
    assert asked.headers["Ocp-Apim-Subscription-Key"] == "k"
    assert asked.body == {"text": "hello", "blocklistNames": []}


@pytest.mark.parametrize(
    ("sensitivity", "severity", "action"),
    [
        ("disable", 6, "Accept"),
        ("low_sensitivity", 5, "Accept"),
        ("low_sensitivity", 6, "Reject"),
        ("medium_sensitivity", 3, "Accept"),
        ("medium_sensitivity", 4, "Reject"),
        ("high_sensitivity", 2, "Reject"),
    ],
)
def test_sensitivity_sets_from_which_severity_a_text_is_refused(sensitivity: str, severity: int, action: str) -> None:
    with web_server(lambda _: Told(severities(Hate=severity))) as server:
        decision = analyze_text(safety(server), "hello", hate_category=sensitivity)

    assert decision["action_by_category"]["Hate"] == action
    assert decision["suggested_action"] == action


def test_text_on_a_block_list_is_refused() -> None:
    with web_server(lambda _: Told({**severities(), "blocklistsMatch": [{"blocklistName": "b"}]})) as server:
        decision = analyze_text(safety(server), "hello")

    assert decision["suggested_action"] == "Reject"


def test_former_version_of_the_service_is_understood() -> None:
    former = {f"{name}Result": {"severity": 4} for name in ("hate", "selfHarm", "sexual", "violence")}

    with web_server(lambda _: Told(former)) as server:
        decision = analyze_text(safety(server, "2023-04-30-preview"), "hello", hate_category="disable")

    assert decision["action_by_category"] == {
        "Hate": "Accept",
        "SelfHarm": "Reject",
        "Sexual": "Reject",
        "Violence": "Reject",
    }


def test_refused_analysis_says_why() -> None:
    why = "Error in detecting content: no such key"

    with (
        web_server(lambda _: Told({"error": {"message": "no such key"}}, 401)) as server,
        pytest.raises(AzureContentSafetySystemError, match=why),
    ):
        analyze_text(safety(server), "hello")


def test_unknown_sensitivity_is_told_before_anything_is_asked() -> None:
    with (
        web_server(lambda _: Told(severities())) as server,
        pytest.raises(AzureContentSafetyInputValueError, match="Non-supported sensitivity: much"),
    ):
        analyze_text(safety(server), "hello", hate_category="much")

    assert server.asked == []


def custom(server: WebServer, family: str, path: str = "/score") -> dict[str, str]:
    configs = {"endpoint_url": server.url + path, "model_family": family}
    return endpoint_of_connection(CustomConnection(secrets={"endpoint_api_key": "kk"}, configs=configs, name="m"))


def test_open_model_of_the_llama_family_gets_messages() -> None:
    with web_server(lambda _: Told({"output": "hi Ann"})) as server:
        answer = OpenModelLLM().call(
            "system:\nBe brief.\nuser:\n{{who}}",
            "chat",
            "localConnection/m",
            deployment_name="blue",
            who="Ann",
            **custom(server, "LLAMA"),
        )

    assert answer == "hi Ann"
    asked = server.asked[0]
    assert asked.headers["Authorization"] == "Bearer kk"
    assert asked.headers["azureml-model-deployment"] == "blue"
    assert asked.body == {
        "input_data": {
            "input_string": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Ann"}],
            "parameters": {"top_p": 1.0, "temperature": 1.0, "max_new_tokens": 500, "do_sample": True},
        }
    }


def test_other_open_models_get_a_text() -> None:
    with web_server(lambda _: Told([{"0": "done"}])) as server:
        answer = OpenModelLLM().call(
            "Say {{who}}", "completion", "localConnection/m", who="Ann", **custom(server, "Falcon")
        )

    assert answer == "done"
    assert server.asked[0].body == {
        "input_data": {"input_string": ["Say Ann"]},
        "parameters": {"top_p": 1.0, "temperature": 1.0, "max_new_tokens": 500},
    }


def test_serverless_llama_speaks_openais_protocol() -> None:
    def answer(asked: Asked) -> Told:
        return Told({"choices": [{"message": {"content": "hi"}}]})

    with web_server(answer) as server:
        path = "/inference.ai.azure.com"
        told = OpenModelLLM().call("user:\nhello", "chat", "x", **custom(server, "LLaMa", path))

    assert told == "hi"
    assert server.asked[0].path == f"{path}/v1/chat/completions"
    assert server.asked[0].body["messages"] == [{"role": "user", "content": "hello"}]
    assert server.asked[0].body["max_tokens"] == 500


def test_refusing_endpoint_is_told_without_its_key() -> None:
    with (
        web_server(lambda _: Told({"error": "bad kk"}, 403)) as server,
        pytest.raises(OpenModelLLMOnlineEndpointError, match=r"Status:403\nError:.*bad \*\*data_scrubbed\*\*"),
    ):
        OpenModelLLM().call("x", "completion", "e", **custom(server, "DOLLY"))

    assert len(server.asked) == 1


def test_endpoint_that_only_azure_knows_is_refused_with_the_way_out() -> None:
    with pytest.raises(OpenModelLLMUserError, match="Make a custom connection"):
        OpenModelLLM().call("x", "completion", "onlineEndpoint/e")


def test_connection_to_an_endpoint_needs_its_three_keys() -> None:
    with pytest.raises(OpenModelLLMKeyValidationError, match="lacks endpoint_api_key, model_family"):
        endpoint_of_connection(CustomConnection(configs={"endpoint_url": "u"}, name="m"))


def test_chat_prompt_without_a_role_is_refused_for_open_models() -> None:
    given = {"endpoint_url": "http://127.0.0.1:9", "endpoint_api_key": "k", "model_family": "LLAMA"}

    with pytest.raises(OpenModelLLMUserError, match="The prompt begins with 'hello'"):
        OpenModelLLM().call("hello\nuser:\nx", "chat", "e", **given)
