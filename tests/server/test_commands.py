"""`pfstudio serve`, `link` and `user reset`: what they print, and one clear line for what goes wrong."""

from __future__ import annotations

import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from httpx2 import Client, post

from pfstudio.connections.vault import Vault
from pfstudio.server.supervisor import Supervisor
from server.process import PFSTUDIO, environment, free_port, run, serving

PASSWORD = "correct horse"


def _one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The command failed with one clear line, and no trace."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_the_first_start_prints_one_link_that_signs_the_system_user_in_as_admin(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as studio:
        assert studio.said.count("#token=") == 1
        assert f"{studio.address}/sign-in#token=" in studio.said

        answer = post(f"{studio.address}/api/auth/link", json={"token": studio.link_token})

        assert answer.status_code == 200
        assert (answer.json()["username"], answer.json()["role"]) == ("ada", "admin")
        assert (tmp_path / "data/share/Users/ada/promptflow").is_dir()
        assert studio.link_token not in studio.errors.read_text()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data/pfstudio.db").exists()


def test_a_link_is_printed_at_every_start_until_there_is_a_password(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as studio:
        first = studio.link_token
    with serving(tmp_path / "data") as studio:
        assert studio.link_token != first
        body = {"token": studio.link_token, "username": "grace", "password": PASSWORD}
        assert post(f"{studio.address}/api/auth/link", json={**body, "token": first}).status_code == 401
        assert post(f"{studio.address}/api/auth/link", json=body).status_code == 200
    with serving(tmp_path / "data") as studio:
        assert "#token=" not in studio.said
        answer = post(f"{studio.address}/api/auth/session", json={"username": "grace", "password": PASSWORD})
        assert answer.status_code == 200


def test_the_admin_of_the_settings_needs_no_link(tmp_path: Path) -> None:
    with serving(
        tmp_path / "data", PFSTUDIO_ADMIN_USERNAME="boss", PFSTUDIO_ADMIN_PASSWORD=PASSWORD, PFSTUDIO_HOST="0.0.0.0"
    ) as studio:
        assert "#token=" not in studio.said
        assert studio.address.startswith("http://localhost:")
        answer = post(f"{studio.address}/api/auth/token", json={"username": "boss", "password": PASSWORD})
        assert answer.status_code == 200
        web = studio.web_processes()[0]
        assert PASSWORD not in Path(f"/proc/{web}/cmdline").read_text()


def test_everything_below_a_prefix(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--base-path", "/studio") as studio:
        assert studio.address.endswith("/studio")
        with Client(base_url=f"{studio.address}/") as client:
            assert client.get("api/health").json() == {"status": "ok"}
            answer = client.post("api/auth/link", json={"token": studio.link_token})
            assert "Path=/studio" in answer.headers["set-cookie"]


def test_a_new_link_and_a_reset_link_are_printed_while_the_studio_runs(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as studio:
        link = run("link", "--data", str(tmp_path / "data"))
        assert link.returncode == 0
        assert re.fullmatch(rf"{studio.address}/sign-in#token=[\w-]+\n", link.stdout)
        token = link.stdout.strip().partition("#token=")[2]
        assert post(f"{studio.address}/api/auth/link", json={"token": token}).status_code == 200

        reset = run("user", "reset", "ada", "--data", str(tmp_path / "data"))
        token = reset.stdout.strip().partition("#token=")[2]
        read = post(f"{studio.address}/api/auth/link/read", json={"token": token})
        told = {"username": "ada", "purpose": "reset", "may_choose_name": False, "must_set_password": True}
        assert told.items() <= read.json().items()

    _one_line(run("user", "reset", "ghost", "--data", str(tmp_path / "data")), "There is no user 'ghost'")


def test_a_link_for_a_studio_that_never_started_is_one_line(tmp_path: Path) -> None:
    _one_line(run("link", "--data", str(tmp_path / "none")), "Run `pfstudio serve` first", str(tmp_path / "none"))


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        _one_line(run("serve", "--data", str(tmp_path), "--port", port), f"Port {port} on 127.0.0.1 is taken", "--port")


def test_a_second_studio_on_the_same_folder_is_one_line_that_says_where_the_first_is(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as studio:
        for port in ("0", str(studio.port)):
            done = run("serve", "--data", str(tmp_path / "data"), "--port", port)
            _one_line(done, "Another studio uses the data folder", studio.address)


def test_after_a_kill_the_folder_is_free_again(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as studio:
        studio.process.kill()
        studio.process.wait()
    with serving(tmp_path / "data") as again:
        assert post(f"{again.address}/api/auth/link", json={"token": again.link_token}).status_code == 200


def test_without_git_it_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()

    _one_line(run("serve", "--data", str(tmp_path / "data"), PATH=str(tmp_path / "bin")), "pfstudio needs git")


def _on_folder(tmp_path: Path, mount: str) -> subprocess.CompletedProcess[str]:
    """`serve` where only it sees the folder as `mount` makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    at = shlex.quote(str(folder))
    serve = f"exec {shlex.quote(PFSTUDIO)} serve --data {at} --port 0"
    command = ["unshare", "-m", *([] if os.geteuid() == 0 else ["-r"]), "sh", "-c", f"{mount.format(at)} && {serve}"]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)


def test_an_unwritable_data_folder_is_one_line(tmp_path: Path) -> None:
    done = _on_folder(tmp_path, "mount --bind {0} {0} && mount -o remount,ro,bind {0}")

    _one_line(done, f"The data folder {tmp_path / 'data'} cannot be written: Read-only file system", "--data")


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    done = _on_folder(tmp_path, "mount -t tmpfs -o size=4k none {0} && head -c 4096 /dev/zero > {0}/filler")

    _one_line(done, "No space left on device")


def test_a_disk_that_fills_while_the_database_is_made_is_one_line(tmp_path: Path) -> None:
    done = _on_folder(tmp_path, "mount -t tmpfs -o size=32k none {0}")

    _one_line(done, "full")


def test_a_data_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    _one_line(run("serve", "--data", str(tmp_path / "file")), "cannot be written")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_another_address_than_loopback_needs_a_password(tmp_path: Path, host: str) -> None:
    done = run("serve", "--data", str(tmp_path), "--port", "0", "--host", host)

    _one_line(done, f"Listening on {host} needs an account with a password", "PFSTUDIO_ADMIN_PASSWORD")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"PFSTUDIO_PORT": "http"}, "PFSTUDIO_PORT: 'http' is not a port"),
        ({"PFSTUDIO_ADMIN_USERNAME": "boss"}, "needed together"),
        ({"PFSTUDIO_ADMIN_USERNAME": "../x", "PFSTUDIO_ADMIN_PASSWORD": PASSWORD}, "cannot be a user name"),
        ({"PFSTUDIO_ADMIN_USERNAME": "boss", "PFSTUDIO_ADMIN_PASSWORD": "short"}, "at least 8 characters"),
        ({"PFSTUDIO_DATABASE_URL": "postgresql+psycopg://x@127.0.0.1:1/x"}, "The database cannot be used"),
        ({"PFSTUDIO_DATABASE_URL": "mysql://x/y"}, "has to begin with postgresql+psycopg://"),
        ({"PFSTUDIO_HOST": "192.0.2.1"}, "cannot listen on 192.0.2.1"),
        ({"PFSTUDIO_HOST": "no.such.host.invalid"}, "cannot listen on no.such.host.invalid"),
    ],
)
def test_a_setting_that_cannot_be_is_one_line(tmp_path: Path, variables: dict[str, str], words: str) -> None:
    variables = {"PFSTUDIO_PORT": str(free_port()), **variables}

    done = run("serve", "--data", str(tmp_path / "data"), **variables)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_a_database_of_a_newer_version_is_one_line(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    with closing(sqlite3.connect(tmp_path / "data/pfstudio.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '209901010000'")
        database.commit()

    _one_line(run("serve", "--data", str(tmp_path / "data"), "--port", "0"), "newer pfstudio (revision 209901010000)")


def test_what_lies_in_the_current_folder_is_not_imported(tmp_path: Path) -> None:
    for name in ("fastapi", "sqlalchemy", "yaml", "uvicorn", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the current folder')")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from server.process import *; import pathlib, sys\n"
            "with serving(pathlib.Path(sys.argv[1])) as studio: print(studio.said)",
            str(tmp_path / "data"),
        ],
        cwd=Path(__file__).parents[1],
        env=environment(PYTHONPATH=str(Path(__file__).parents[1])),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "runs at" in done.stdout, done.stderr


def test_the_parent_stays_small(tmp_path: Path) -> None:
    assert Supervisor.__module__ == "pfstudio.server.supervisor"
    with serving(tmp_path / "data") as studio:
        status = Path(f"/proc/{studio.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        assert int(found.group(1)) < 40_000


def test_the_secret_key_of_the_settings_is_the_only_key_and_outlives_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    keys = {"PFSTUDIO_SECRET_KEY": "a key of forty characters, as it is asked", "PFSTUDIO_ADMIN_USERNAME": "boss"}
    secret = {"name": "mine", "type": "serp", "api_key": "very secret"}
    statuses = []
    for key in (keys["PFSTUDIO_SECRET_KEY"], keys["PFSTUDIO_SECRET_KEY"], "another key of at least 32 characters"):
        with (
            serving(data, **{**keys, "PFSTUDIO_SECRET_KEY": key, "PFSTUDIO_ADMIN_PASSWORD": PASSWORD}) as studio,
            Client(base_url=studio.address) as client,
        ):
            answer = client.post("/api/auth/token", json={"username": "boss", "password": PASSWORD})
            client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            client.post("/api/connections", json=secret)
            statuses.append(client.post("/api/connections/mine/test").status_code)

    assert statuses == [200, 200, 503]
    assert not (data / "secret.key").exists()
    assert Vault(keys["PFSTUDIO_SECRET_KEY"].encode()).decrypt(_stored_secrets(data)) == '{"api_key": "very secret"}'


def _stored_secrets(data: Path) -> str:
    with closing(sqlite3.connect(data / "pfstudio.db")) as database:
        (secrets,) = database.execute("SELECT secrets FROM connections").fetchone()
    return str(secrets)
