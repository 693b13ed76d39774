"""`PFClient().connections` and `load_connection`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.connections.types import (
    AzureOpenAIConnection,
    ConnectionNameNotSetError,
    ConnectionNotFoundError,
    CustomConnection,
    OpenAIConnection,
)
from pfstudio.errors import UserErrorException
from pfstudio.flow.errors import ValidationException
from pfstudio.sdk.client import PFClient
from pfstudio.sdk.configuration import CloudSettingError
from pfstudio.sdk.connection_files import load_connection

SECRET = "sk-very-secret"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_a_connection_is_kept_with_its_secrets_and_shown_without() -> None:
    client = PFClient()

    made = client.connections.create_or_update(OpenAIConnection(name="mine", api_key=SECRET))

    assert client.connections.get("mine").api_key == SECRET
    assert client.connections.get("mine", with_secrets=False).api_key == "******"
    assert SECRET not in str(made)
    assert [item.name for item in client.connections.list()] == ["mine"]


def test_what_was_got_without_secrets_can_be_stored_again() -> None:
    client = PFClient()
    client.connections.create_or_update(CustomConnection({"s": SECRET}, {"a": "1"}, name="mine"))

    changed = client.connections.get("mine", with_secrets=False)
    changed.configs["a"] = "2"
    client.connections.create_or_update(changed)

    found = client.connections.get("mine")
    assert (found.secrets, found.configs) == ({"s": SECRET}, {"a": "2"})


def test_lists_are_cut_and_deleting_twice_is_no_error() -> None:
    connections = PFClient().connections
    for name in ("b", "a", "c"):
        connections.create_or_update(OpenAIConnection(name=name, api_key=SECRET))

    assert [item.name for item in connections.list(max_results=2)] == ["b", "a"]
    assert len(connections.list(max_results=1, all_results=True)) == 3
    assert (connections.delete("a"), connections.delete("a")) == (True, False)


@pytest.mark.parametrize("secret", ["<user-input>", "", None, "***"])
def test_a_secret_that_is_none_is_refused(secret: str | None) -> None:
    with pytest.raises(ValidationException, match=r"^Connection 'q' secrets \['api_key'\] value invalid, please fill"):
        PFClient().connections.create_or_update(OpenAIConnection(name="q", api_key=secret))


def test_a_key_is_asked_of_azure_only_where_it_signs_in_with_one() -> None:
    connections = PFClient().connections

    connections.create_or_update(AzureOpenAIConnection(name="a", api_base="b", auth_mode="meid_token"))
    with pytest.raises(ValidationException, match="please fill them"):
        connections.create_or_update(AzureOpenAIConnection(name="b", api_base="b"))


def test_no_name_and_no_connection_are_errors() -> None:
    with pytest.raises(ConnectionNameNotSetError):
        PFClient().connections.create_or_update(OpenAIConnection(api_key=SECRET))
    with pytest.raises(ConnectionNotFoundError, match=r"^Connection 'x' is not found\.$"):
        PFClient().connections.get("x")


def test_the_environment_describes_connections_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_AI_API_KEY", SECRET)

    assert PFClient().connections.get("my_ai").api_key == SECRET


def test_a_provider_in_the_cloud_is_refused_when_connections_are_wanted() -> None:
    for client in (PFClient(connection_provider="azureml"), PFClient(config={"connection.provider": "azureml://x"})):
        with pytest.raises(CloudSettingError, match="cannot be reached from here"):
            _ = client.connections


def test_a_file_is_loaded_and_can_be_overridden(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("name: c\ntype: open_ai\napi_key: k\n")
    (tmp_path / "mine.env").write_text("A=1\n")

    loaded = load_connection(tmp_path / "c.yaml", params_override=[{"name": "d"}, {"base_url": "http://x"}])
    secrets = load_connection(tmp_path / "mine.env", params_override=[{"name": "e"}])

    assert isinstance(loaded, OpenAIConnection)
    assert (loaded.name, loaded.api_key, loaded.base_url) == ("d", "k", "http://x")
    assert isinstance(secrets, CustomConnection)
    assert secrets.secrets == {"A": "1"}


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(UserErrorException, match=r"^No such file or directory: nowhere\.yaml$"):
        load_connection("nowhere.yaml")
