"""`pf connection …` as a process. Answers of promptflow 1.18.5, except where a comment says otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Ended, write_flow
from .terminal import Terminal

Pf = Callable[..., Ended]
OPEN_AI = "name: oai\ntype: open_ai\napi_key: sk-secret-7Q\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write_flow(
        tmp_path,
        {
            "oai.yaml": OPEN_AI,
            "custom.yaml": "name: cust\ntype: custom\nconfigs: {c1: a, c2: b}\nsecrets: {s1: sk-secret-7Q}\n",
            "keys.env": "A=sk-secret-7Q\nexport B='two words'\n",
        },
    )
    return tmp_path


def shown(ended: Ended) -> Any:
    assert ended.code == 0, ended.err
    assert "sk-secret-7Q" not in ended.out + ended.err
    body = json.loads(ended.out)
    for entity in body if isinstance(body, list) else [body]:
        for key in ("created_date", "last_modified_date"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+", entity.pop(key))
    return body


def test_a_connection_is_created_shown_listed_and_deleted(pf: Pf, files: Path) -> None:
    body = {"name": "oai", "module": "promptflow.connections", "type": "open_ai", "api_key": "******"}

    assert shown(pf("connection", "create", "-f", "oai.yaml")) == body
    assert shown(pf("connection", "show", "-n", "oai")) == body
    assert shown(pf("connection", "list")) == [body]
    assert (pf("connection", "delete", "-n", "oai", "-y").out, shown(pf("connection", "list"))) == ("", [])


KEY: dict[str, str] = {"api_key": "k"}
TYPES: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"type": "azure_open_ai", "api_base": "b", **KEY}, {"api_type": "azure", "api_version": "2024-02-01"}),
    ({"type": "serverless", "api_base": "b", **KEY}, {}),
    ({"type": "serp", **KEY}, {}),
    ({"type": "cognitive_search", "api_base": "b", **KEY}, {"api_version": "2023-11-01", "auth_mode": "key"}),
    ({"type": "azure_ai_services", "endpoint": "e", **KEY}, {"auth_mode": "key"}),
    (
        {"type": "azure_content_safety", "endpoint": "e", **KEY},
        {"api_version": "2023-10-01", "api_type": "Content Safety"},
    ),
    ({"type": "form_recognizer", "endpoint": "e", **KEY}, {"api_version": "2023-07-31", "api_type": "Form Recognizer"}),
    ({"type": "qdrant", "api_base": "b", **KEY}, {"module": "promptflow_vectordb.connections"}),
    ({"type": "weaviate", "api_base": "b", **KEY}, {"module": "promptflow_vectordb.connections"}),
    ({"type": "azure_open_ai", "api_base": "b", "auth_mode": "meid_token"}, {"auth_mode": "meid_token"}),
]


@pytest.mark.parametrize(("given", "more"), TYPES, ids=lambda value: value.get("type", ""))
def test_every_type_is_created(pf: Pf, tmp_path: Path, given: dict[str, str], more: dict[str, str]) -> None:
    (tmp_path / "c.yaml").write_text(json.dumps({"name": "c", **given}))

    body = shown(pf("connection", "create", "-f", "c.yaml"))

    expected = {**given, **more, **({"api_key": "******"} if "api_key" in given else {})}
    assert {key: body.get(key) for key in expected} == expected


def test_name_and_values_can_be_given_beside_the_file(pf: Pf, files: Path) -> None:
    body = shown(pf("connection", "create", "-f", "oai.yaml", "--name", "x", "--set", "base_url=http://x", "api_key=y"))

    assert (body["name"], body["base_url"]) == ("x", "http://x")


def test_an_env_file_makes_a_connection_of_secrets(pf: Pf, files: Path) -> None:
    body = shown(pf("connection", "create", "-f", "keys.env", "--name", "keys", "--set", "A=9"))

    assert (body["configs"], body["secrets"]) == ({}, {"A": "******", "B": "******"})


def test_a_custom_connection_may_have_configs_alone(pf: Pf, tmp_path: Path) -> None:
    # promptflow asked for at least one secret.
    (tmp_path / "c.yaml").write_text("name: c\ntype: custom\nconfigs: {a: '1'}\n")

    assert shown(pf("connection", "create", "-f", "c.yaml"))["configs"] == {"a": "1"}


def test_update_changes_what_is_given_and_keeps_the_rest(pf: Pf, files: Path) -> None:
    pf("connection", "create", "-f", "oai.yaml")
    pf("connection", "create", "-f", "custom.yaml")

    assert shown(pf("connection", "update", "-n", "oai", "--set", "base_url=http://y", "api_key=******"))["base_url"]
    assert shown(pf("connection", "update", "-n", "oai", "--set", "zzz=1"))["base_url"] == "http://y"
    assert shown(pf("connection", "update", "-n", "cust", "--set", "configs.c1=8", "c2=9"))["configs"] == {
        "c1": "8",
        "c2": "9",
    }


def test_an_existing_name_is_replaced_silently(pf: Pf, files: Path) -> None:
    pf("connection", "create", "-f", "oai.yaml", "--set", "base_url=http://y")

    assert "base_url" not in shown(pf("connection", "create", "-f", "oai.yaml"))


STRONG = """\
from promptflow.connections import CustomStrongTypeConnection
from promptflow.contracts.types import Secret
class Weather(CustomStrongTypeConnection):
    api_key: Secret
    api_base: str = "https://weather.example"
"""


def test_a_connection_of_a_users_class_is_checked_against_it(pf: Pf, tmp_path: Path) -> None:
    head = "name: w\ntype: custom\ncustom_type: Weather\nmodule: weather_tools\npackage: p\n"
    write_flow(
        tmp_path,
        {
            "weather_tools.py": STRONG,
            "good.yaml": head + "configs: {api_base: b}\nsecrets: {api_key: k}\n",
            "bad.yaml": head + "configs: {api_bas: b}\nsecrets: {api_key: k}\n",
            "none.yaml": head.replace("Weather", "Rain") + "secrets: {api_key: k}\n",
        },
    )
    here = {"PYTHONPATH": str(tmp_path)}

    body = shown(pf("connection", "create", "-f", "good.yaml", **here))

    assert body["configs"] == {
        "api_base": "b",
        "promptflow.connection.custom_type": "Weather",
        "promptflow.connection.module": "weather_tools",
        "promptflow.connection.package": "p",
    }
    bad, none, nowhere = (
        pf("connection", "create", "-f", file, **environment).err
        for file, environment in (("bad.yaml", here), ("none.yaml", here), ("good.yaml", {}))
    )
    assert "Invalid config key api_bas, please check the schema." in bad
    assert "Can't find class Rain in module weather_tools." in none
    assert "Can't find module weather_tools in current environment." in nowhere


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("type: foo", "ValidationException: Connection type 'foo' is not supported. Supported types are: ["),
        ("api_key: k", "ValidationException: type is required for connection. (c.yaml:1)"),
        (
            "type: open_ai",
            "UserErrorException: Load entity error: Load connection failed with "
            "{'api_key': ['Missing data for required field.']}.",
        ),
        (
            "type: azure_open_ai\nauth_mode: key\napi_base: b",
            "UserErrorException: Load entity error: Load connection failed with "
            "{'_schema': [\"'api_key' is required for key auth mode connection.\"]}.",
        ),
        (
            "type: open_ai\nname: c\napi_key: <user-input>",
            "ValidationException: Connection 'c' secrets ['api_key'] value invalid, please fill them. (c.yaml:3)",
        ),
        ("type: open_ai\napi_key: k", "ConnectionNameNotSetError: Name is required to create or update connection."),
        ("type: [open_ai\napi_key: k", "FlowYamlError: c.yaml, line 2: Not valid YAML: "),
        ("type: serp\nname: c\napi_key: 5", "{'api_key': ['Not a valid string.']}. (c.yaml:3)"),
        ("- 1", "ValidationException: The file describes no connection"),
    ],
)
def test_a_file_that_makes_no_connection_is_one_line(pf: Pf, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.yaml").write_text(text)

    ended = pf("connection", "create", "-f", "c.yaml")

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert ended.err.startswith("pf.connection.create failed with ")
    assert message in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["create", "-f", "nothing.yaml"], "UserErrorException: No such file or directory: nothing.yaml"),
        (["create", "-f", "keys.env"], "UserErrorException: Please specify --name when creating connection from .env."),
        (["show", "-n", "x"], "ConnectionNotFoundError: Connection 'x' is not found."),
        (["update", "-n", "x", "--set", "a=b"], "ConnectionNotFoundError: Connection 'x' is not found."),
    ],
)
def test_what_is_not_there_is_told(pf: Pf, files: Path, arguments: list[str], message: str) -> None:
    ended = pf("connection", *arguments)

    assert (ended.code, ended.err) == (1, f"pf.connection.{arguments[0]} failed with {message}\n")


def test_creating_over_what_is_there_is_a_warning(pf: Pf, files: Path) -> None:
    first, second = (pf("connection", "create", "-f", "oai.yaml") for _ in range(2))

    assert (first.err, second.code) == ("", 0)
    assert "There was a connection 'oai'; it is replaced." in second.err


def test_deleting_what_is_not_there_is_a_warning(pf: Pf) -> None:
    ended = pf("connection", "delete", "-n", "x", "-y")

    assert (ended.code, ended.out, ended.err) == (0, "", "There was no connection 'x'.\n")


def test_delete_asks_and_no_answer_is_no(pf: Pf, files: Path) -> None:
    pf("connection", "create", "-f", "oai.yaml")

    ended = pf("connection", "delete", "-n", "oai")

    assert (ended.code, ended.out) == (0, "")
    assert "The delete operation was canceled." in ended.err
    assert len(shown(pf("connection", "list"))) == 1


def test_the_list_is_cut(pf: Pf, files: Path) -> None:
    for name in ("one", "two", "three"):
        pf("connection", "create", "-f", "oai.yaml", "-n", name)

    assert [body["name"] for body in shown(pf("connection", "list", "-r", "2"))] == ["one", "two"]
    assert shown(pf("connection", "list", "-r", "0")) == []
    assert len(shown(pf("connection", "list", "-r", "1", "--all-results"))) == 3


def test_a_connection_of_the_environment_is_shown(pf: Pf) -> None:
    assert json.loads(pf("connection", "show", "-n", "my_ai", MY_AI_API_KEY="sk-1").out)["type"] == "open_ai"


def test_missing_secrets_are_asked_for_without_showing_them(pf: Pf, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("name: c\ntype: open_ai\napi_key: <user-input>\n")

    with Terminal(["connection", "create", "-f", "c.yaml"], cwd=tmp_path, home=tmp_path / "home") as terminal:
        terminal.wait_for("api_key: ")
        terminal.type("\n")
        terminal.wait_for("api_key: ", times=2)
        terminal.type("typed-secret\n")
        code = terminal.end()

    assert code == 0
    assert "typed-secret" not in terminal.screen
    assert '"api_key": "******"' in terminal.screen
    assert shown(pf("connection", "show", "-n", "c"))["name"] == "c"


def test_a_stored_connection_is_what_a_flow_gets(pf: Pf, files: Path) -> None:
    pf("connection", "create", "-f", "custom.yaml")
    write_flow(
        files / "uses",
        {
            "flow.dag.yaml": "outputs: {o: {type: string, reference: '${n.output}'}}\nnodes:\n- name: n\n"
            "  type: python\n  source: {type: code, path: n.py}\n  inputs: {c: cust}\n",
            "n.py": "from promptflow.core import tool\nfrom promptflow.connections import CustomConnection\n@tool\n"
            "def n(c: CustomConnection):\n    return c.c1 + str(len(c.s1))\n",
        },
    )

    assert json.loads(pf("flow", "test", "--flow", "uses").out) == {"o": "a12"}


def test_a_provider_in_the_cloud_is_one_sentence(pf: Pf) -> None:
    ended = pf("config", "set", "connection.provider=azureml")

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "create them with `pf connection create`" in ended.err
