"""The connections of `pf`: one encrypted file in the home folder."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pfstudio.connections.environment import EnvironmentVariableNotFoundError
from pfstudio.connections.local_store import LocalConnections, pf_home
from pfstudio.connections.types import (
    AzureOpenAIConnection,
    ConnectionNameNotSetError,
    ConnectionNotFoundError,
    CustomConnection,
    InvalidConnectionError,
    OpenAIConnection,
)
from pfstudio.connections.vault import DecryptConnectionError, Vault, load_or_create_key

SECRET = "sk-very-secret-key"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def connections(home: Path) -> LocalConnections:
    return LocalConnections(home)


def test_stored_connection_comes_back_with_its_secrets(connections: LocalConnections, home: Path) -> None:
    connections.create_or_update(OpenAIConnection(SECRET, base_url="http://x/v1", name="mine"))

    found = LocalConnections(home).get("mine")

    assert isinstance(found, OpenAIConnection)
    assert (found.api_key, found.base_url) == (SECRET, "http://x/v1")
    assert found.created_date == found.last_modified_date


def test_key_of_a_custom_connection_that_is_a_config_and_a_secret_is_stored_as_a_secret(
    connections: LocalConnections,
) -> None:
    connections.create_or_update(CustomConnection(secrets={"a": "s", "k": "v"}, configs={"a": "c", "b": "d"}, name="c"))

    found = connections.get("c")

    assert (found.secrets, found.configs) == ({"a": "s", "k": "v"}, {"b": "d"})


def test_no_file_holds_a_secret_in_clear_and_only_its_owner_reads_them(
    connections: LocalConnections, home: Path
) -> None:
    connections.create_or_update(OpenAIConnection(SECRET, name="mine"))

    files = [file for file in home.iterdir() if file.is_file()]
    assert {file.name for file in files} == {"connections.enc", "connections.key"}
    for file in files:
        assert SECRET.encode() not in file.read_bytes()
        assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o600


def test_list_is_in_the_order_of_creation_and_delete_says_whether_there_was_one(connections: LocalConnections) -> None:
    for name in ("b", "a"):
        connections.create_or_update(OpenAIConnection(SECRET, name=name))

    assert [connection.name for connection in connections.list()] == ["b", "a"]
    assert connections.delete("a")
    assert not connections.delete("a")
    assert [connection.name for connection in connections.list()] == ["b"]


def test_update_keeps_scrubbed_secrets_and_the_day_of_creation(connections: LocalConnections) -> None:
    first = connections.create_or_update(AzureOpenAIConnection("b", SECRET, name="mine"))

    updated = connections.create_or_update(AzureOpenAIConnection("b2", "******", name="mine"))

    assert (updated.api_key, updated.api_base) == (SECRET, "b2")
    assert updated.created_date == first.created_date


def test_scrubbed_secret_of_a_new_connection_is_refused(connections: LocalConnections, home: Path) -> None:
    with pytest.raises(InvalidConnectionError, match="value invalid, please fill them"):
        connections.create_or_update(OpenAIConnection("******", name="mine"))
    assert not (home / "connections.enc").exists()


def test_connection_needs_a_name(connections: LocalConnections) -> None:
    with pytest.raises(ConnectionNameNotSetError, match="Name is required to create or update connection"):
        connections.create_or_update(OpenAIConnection(SECRET))


def test_unknown_connection_is_an_error_and_reading_creates_nothing(connections: LocalConnections, home: Path) -> None:
    with pytest.raises(ConnectionNotFoundError, match=r"^Connection 'nope' is not found\.$"):
        connections.get("nope")
    assert connections.list() == []
    assert not home.exists()


def test_demo_connection_is_always_there_unless_one_of_that_name_is_stored(connections: LocalConnections) -> None:
    assert connections.get("demo").base_url == "demo://local/v1"
    assert connections.list() == []

    connections.create_or_update(OpenAIConnection(SECRET, base_url="http://mine/v1", name="demo"))

    assert connections.get("demo").base_url == "http://mine/v1"


def test_custom_connection_is_stored(connections: LocalConnections) -> None:
    connections.create_or_update(CustomConnection({"s": SECRET}, {"c": "1"}, name="mine"))

    assert connections.get("mine").secrets == {"s": SECRET}


def test_lost_key_and_another_key_are_said(connections: LocalConnections, home: Path) -> None:
    connections.create_or_update(OpenAIConnection(SECRET, name="mine"))
    key = home / "connections.key"

    key.write_bytes(b"another key")
    with pytest.raises(DecryptConnectionError, match="encrypted with another key"):
        connections.get("mine")
    key.unlink()
    with pytest.raises(DecryptConnectionError, match="The key of the stored connections is missing"):
        connections.list()


def test_the_key_may_come_from_a_variable(
    connections: LocalConnections, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PFSTUDIO_SECRET_KEY", "a passphrase of mine")

    connections.create_or_update(OpenAIConnection(SECRET, name="mine"))

    assert connections.get("mine").api_key == SECRET
    assert [file.name for file in home.iterdir()] == ["connections.enc"]
    monkeypatch.setenv("PFSTUDIO_SECRET_KEY", "another")
    with pytest.raises(DecryptConnectionError, match="encrypted with another key"):
        connections.get("mine")
    monkeypatch.delenv("PFSTUDIO_SECRET_KEY")
    with pytest.raises(DecryptConnectionError, match="The key of the stored connections is missing"):
        connections.get("mine")


def test_a_variable_set_later_still_reads_what_the_key_file_encrypted(
    connections: LocalConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.create_or_update(OpenAIConnection(SECRET, name="mine"))
    monkeypatch.setenv("PFSTUDIO_SECRET_KEY", "a passphrase of mine")

    assert connections.get("mine").api_key == SECRET
    connections.create_or_update(OpenAIConnection(SECRET, name="second"))
    assert [connection.name for connection in connections.list()] == ["mine", "second"]


@pytest.mark.parametrize("secret", ["", "<user-input>", "***"])
def test_a_placeholder_is_no_secret(connections: LocalConnections, secret: str) -> None:
    with pytest.raises(InvalidConnectionError, match=r"secrets \['api_key'\] value invalid, please fill them"):
        connections.create_or_update(OpenAIConnection(secret, name="mine"))


def test_changed_file_is_noticed(connections: LocalConnections, home: Path) -> None:
    connections.create_or_update(OpenAIConnection(SECRET, name="mine"))
    file = home / "connections.enc"
    text = file.read_text()

    file.write_text(text[:40] + ("A" if text[40] != "A" else "B") + text[41:])

    with pytest.raises(DecryptConnectionError):
        connections.get("mine")


def test_many_writers_lose_nothing(connections: LocalConnections, home: Path) -> None:
    def write(number: int) -> None:
        LocalConnections(home).create_or_update(OpenAIConnection(SECRET, name=f"c{number:02}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(str(connection.name) for connection in connections.list()) == [f"c{n:02}" for n in range(12)]


def test_lock_of_a_process_that_died_is_taken_over(connections: LocalConnections, home: Path) -> None:
    home.mkdir()
    lock = home / ".connections.lock"
    lock.touch()
    os.utime(lock, (1, 1))

    connections.create_or_update(OpenAIConnection(SECRET, name="mine"))

    assert not lock.exists()


def test_environment_overrides_fields(connections: LocalConnections, monkeypatch: pytest.MonkeyPatch) -> None:
    connections.create_or_update(OpenAIConnection(SECRET, base_url="${env:MY_URL}", name="my ai"))
    monkeypatch.setenv("MY_URL", "http://from-env/v1")
    monkeypatch.setenv("MY_AI_API_KEY", "from-env")

    found = connections.get("my ai")

    assert (found.api_key, found.base_url) == ("from-env", "http://from-env/v1")
    assert connections.show("my ai").base_url == "${env:MY_URL}"


def test_missing_variable_is_named(connections: LocalConnections) -> None:
    connections.create_or_update(CustomConnection({"s": "${env:NOT_SET_HERE}"}, name="mine"))

    with pytest.raises(EnvironmentVariableNotFoundError, match="Environment variable NOT_SET_HERE is not found"):
        connections.get("mine")


def test_environment_alone_makes_connections(connections: LocalConnections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIN_API_KEY", "k")
    monkeypatch.setenv("CLOUD_API_KEY", "k")
    monkeypatch.setenv("CLOUD_API_BASE", "https://cloud.example")
    monkeypatch.setenv("FINDER_TYPE", "serp")
    monkeypatch.setenv("FINDER_API_KEY", "k")

    assert isinstance(connections.get("plain"), OpenAIConnection)
    assert isinstance(connections.get("cloud"), AzureOpenAIConnection)
    assert connections.get("finder").kind == "serp"
    assert connections.show("plain").api_key == "k"


def test_file_of_a_deployed_flow_makes_connections(
    connections: LocalConnections, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "connections.json"
    cloud = {"type": "AzureOpenAIConnection", "value": {"api_key": "k", "api_base": "b"}, "secret_keys": ["api_key"]}
    mine = {"type": "CustomConnection", "value": {"s": "1", "c": "2"}, "secret_keys": ["s"]}
    file.write_text(json.dumps({"cloud": cloud, "mine": mine, "broken": {"type": "x"}}), encoding="utf-8")
    monkeypatch.setenv("PROMPTFLOW_CONNECTIONS", str(file))

    assert connections.get("cloud").api_base == "b"
    assert (connections.get("mine").secrets, connections.get("mine").configs) == ({"s": "1"}, {"c": "2"})
    with pytest.raises(InvalidConnectionError, match="Connection type 'x' is not supported"):
        connections.get("broken")
    with pytest.raises(ConnectionNotFoundError):
        connections.get("nope")
    file.write_text("[", encoding="utf-8")
    with pytest.raises(InvalidConnectionError, match="cannot be read"):
        connections.get("cloud")


def test_home_is_where_the_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path))
    assert pf_home() == tmp_path
    monkeypatch.delenv("PF_HOME_DIRECTORY")
    assert pf_home() == Path.home() / ".promptflow"


def test_vault_gives_back_what_it_took_and_never_the_same_text_twice(tmp_path: Path) -> None:
    vault = Vault(load_or_create_key(tmp_path / "keys" / "secret.key"))

    tokens = {vault.encrypt("grün") for _ in range(3)}

    assert len(tokens) == 3
    assert {vault.decrypt(token) for token in tokens} == {"grün"}
    with pytest.raises(DecryptConnectionError):
        Vault(b"other").decrypt(tokens.pop())


def test_key_is_made_once_also_by_many_at_once(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(load_or_create_key(path))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(keys) == {path.read_bytes()}
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_empty_key_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.touch()

    assert load_or_create_key(path) == path.read_bytes() != b""


HEAVY = ("httpx2", "cryptography", "jinja2", "asyncio", "pydantic", "http.server")


def test_starting_is_cheap() -> None:
    code = (
        "import sys, pfstudio.connections.local_store, pfstudio.tools.llm, pfstudio.tools.embedding\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
