"""Settings: a variable and a flag each, documented, and refused in words."""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from pfstudio.accounts.service import WAIVER
from pfstudio.server.settings import (
    InvalidSettingError,
    Settings,
    add_flags,
    flag_of,
    flags_of,
    read_settings,
    variable_of,
)

REFERENCE = Path(__file__).parents[2] / "docs/reference/settings.md"
EXAMPLES = {
    "data": "/srv/pfstudio",
    "host": "0.0.0.0",
    "port": "9000",
    "base_path": "/studio",
    "allowed_hosts": "studio.example,other.example",
    "trusted_proxies": "10.0.0.1",
    "database_url": "postgresql+psycopg://u:p@h/n",
    "secret_key": "0123456789abcdef0123456789abcdef",
    "admin_username": "boss",
    "admin_password": "correct horse",
    "isolation_waiver": WAIVER,
    "flow_network": "host",
    "model_servers": "localhost:11434,[::1]:8000",
    "oidc_issuer": "https://login.example/realms/Team",
    "oidc_client_id": "pfstudio",
    "oidc_client_secret": "a secret",
    "oidc_name": "Example Login",
    "oidc_scopes": "openid profile groups",
    "oidc_groups_claim": "roles",
    "oidc_admin_groups": "Studio Admins,root",
    "oidc_author_groups": "Prompt Engineers",
    "oidc_viewer_groups": "Everyone",
    "oidc_without_group": "viewer",
    "upload_limit": "64",
    "quota_user": "500",
    "quota_flow": "200",
    "quota_reserve": "100",
    "history_days": "90",
    "history_keep": "20",
    "terminals": "off",
    "terminal_idle": "30",
    "environments": "off",
    "environment_index_url": "https://packages.example/simple",
    "environment_extra_index_urls": "https://more.example/simple,https://most.example/simple",
    "environment_find_links": "/opt/wheels",
    "environment_account": "off",
    "environment_sources": "off",
    "environment_minutes": "5",
    "environment_size": "100",
    "environment_days": "7",
    "import_private_addresses": "on",
    "browser": "off",
    "access_log": "on",
}


def _parse(*arguments: str) -> dict[str, str | None]:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return flags_of(parser.parse_args(arguments))


def test_the_reference_lists_every_setting_with_its_flag_its_default_and_its_help() -> None:
    text = REFERENCE.read_text()
    rows = {line.split("|")[1].strip(" `"): line for line in text.splitlines() if line.startswith("| `PFSTUDIO_")}

    assert list(rows) == [variable_of(setting.name) for setting in fields(Settings)]
    for setting in fields(Settings):
        row = rows[variable_of(setting.name)]
        assert f"`{flag_of(setting.name)}`" in row
        assert setting.metadata["help"] in row
        assert (setting.metadata["default"] or f"`{setting.default}`") in row
    assert f'PFSTUDIO_ISOLATION_WAIVER="{WAIVER}"' in text


@pytest.mark.parametrize("name", [setting.name for setting in fields(Settings)])
def test_every_setting_is_a_variable_and_a_flag_and_the_flag_wins(name: str) -> None:
    example = EXAMPLES[name]
    by_variable = read_settings({variable_of(name): example})
    if example == "off":
        arguments = [flag_of(f"no_{name}")]
    else:
        arguments = [flag_of(name)] + ([] if example == "on" else [example])
    by_flag = read_settings({}, _parse(*arguments))

    assert getattr(by_variable, name) == getattr(by_flag, name)
    assert getattr(by_variable, name) != getattr(read_settings({}), name)


def test_a_flag_wins_over_the_variable() -> None:
    assert read_settings({"PFSTUDIO_PORT": "9000"}, _parse("--port", "9001")).port == 9001
    assert read_settings({"PFSTUDIO_BROWSER": "on"}, _parse("--no-browser")).browser is False


def test_settings_reach_the_web_process_unchanged() -> None:
    settings = read_settings({variable_of(name): example for name, example in EXAMPLES.items()})

    assert read_settings(settings.to_environment()) == settings
    assert read_settings(read_settings({}).to_environment()) == read_settings({})


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PFSTUDIO_PORT", "http", "PFSTUDIO_PORT: 'http' is not a port"),
        ("PFSTUDIO_PORT", "70000", "not a port between 0 and 65535"),
        ("PFSTUDIO_PORT", "-1", "not a port"),
        ("PFSTUDIO_BASE_PATH", "studio", "not a path such as /studio"),
        ("PFSTUDIO_BASE_PATH", '/st"udio', "not a path such as /studio"),
        ("PFSTUDIO_BASE_PATH", "/../x", "not a path such as /studio"),
        ("PFSTUDIO_BASE_PATH", "/api", "may not begin with /api"),
        ("PFSTUDIO_BROWSER", "perhaps", "neither on nor off"),
        ("PFSTUDIO_UPLOAD_LIMIT", "0", "not a number of megabytes"),
        ("PFSTUDIO_SECRET_KEY", "short", "at least 32 characters"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_words(variable: str, value: str, words: str) -> None:
    with pytest.raises(InvalidSettingError, match=words):
        read_settings({variable: value})


def test_a_wrong_flag_is_named_as_the_flag() -> None:
    with pytest.raises(InvalidSettingError, match="--port: 'x' is not a port"):
        read_settings({}, _parse("--port", "x"))


def test_an_empty_variable_counts_as_none() -> None:
    assert read_settings({"PFSTUDIO_DATABASE_URL": "", "PFSTUDIO_PORT": ""}) == read_settings({})


def test_the_command_line_loads_no_framework_for_the_settings() -> None:
    program = (
        "import sys; from pfstudio.server import commands; "
        "print(sorted({'fastapi', 'sqlalchemy', 'pydantic', 'starlette', 'asyncio', 'uvicorn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
