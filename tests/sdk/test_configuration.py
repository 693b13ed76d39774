"""Settings: files, their order, and what a client was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.errors import UserErrorException
from pfstudio.sdk import configuration
from pfstudio.sdk.configuration import Configuration, InvalidConfigValue


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_given_comes_before_home_and_home_before_nearby(tmp_path: Path) -> None:
    configuration.set_values({"user_agent": "near", "trace.destination": "none", "run.output_path": "/r"}, tmp_path)
    configuration.set_values({"user_agent": "home", "trace.destination": "local"})

    settings = Configuration({"user_agent": "given"})

    assert [settings.get(key) for key in ("user_agent", "trace.destination", "run.output_path", "zzz")] == [
        *("given", "local", "/r", None),
    ]
    assert settings.all()["user_agent"] == "home"


def test_the_nearest_file_upward_counts(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    configuration.set_values({"user_agent": "top"}, tmp_path)
    configuration.set_values({"user_agent": "nearer"}, tmp_path / "a")

    assert Configuration(folder=deep).get("user_agent") == "nearer"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), ("/somewhere", "/somewhere"), ("${flow_directory}/.runs", "/flows/mine/.runs")],
)
def test_runs_go_where_it_says(value: str | None, expected: str | None) -> None:
    found = Configuration({"run.output_path": value} if value else None).run_output_path(Path("/flows/mine"))

    assert found == (None if expected is None else Path(expected))


@pytest.mark.parametrize("value", ["${flow_directory}", "${flow_directory}/"])
def test_runs_never_go_into_the_flow_itself(value: str) -> None:
    with pytest.raises(InvalidConfigValue, match="Cannot specify flow directory as run output path"):
        Configuration({"run.output_path": value}).run_output_path(Path("/flows/mine"))


def test_nothing_is_written_where_a_value_will_not_do(home: Path) -> None:
    with pytest.raises(UserErrorException):
        configuration.set_values({"user_agent": "x", "trace.destination": "zzz"})

    assert not home.exists()


def test_a_key_below_a_value_is_refused() -> None:
    configuration.set_values({"a": "1"})

    with pytest.raises(InvalidConfigValue, match="'a' has a value in"):
        configuration.set_values({"a.b": "1"})


def test_reading_makes_nothing(home: Path) -> None:
    assert Configuration().all() == {}
    assert not home.exists()


def test_what_is_there_stays(home: Path) -> None:
    home.mkdir()
    (home / "pf.yaml").write_text("mine: [1, ü]\ntrace: {destination: local, more: 2}\n", encoding="utf-8")

    configuration.set_values({"trace.destination": "none"})

    assert Configuration().all() == {"mine": [1, "ü"], "trace": {"destination": "none", "more": 2}}
    assert "ü" in (home / "pf.yaml").read_text(encoding="utf-8")
