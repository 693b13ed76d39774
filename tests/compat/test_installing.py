"""Where a real promptflow is installed it answers, and nothing of it is overwritten."""

from __future__ import annotations

import shutil
import subprocess
import venv
import zipfile
from pathlib import Path

import promptflow
import pytest

PTH = Path(promptflow.__file__).parents[1] / "pfstudio-compat.pth"


def site_folder(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment with our names as the wheel lays them: a folder of its own, and the line that adds it."""
    made = tmp_path / "env"
    venv.create(made, with_pip=False, symlinks=True)
    site = site_folder(made)
    shutil.copytree(Path(promptflow.__file__).parent, site / "pfstudio_compat" / "promptflow")
    shutil.copy(PTH, site)
    (site / "pfstudio.pth").write_text(str(Path(promptflow.__file__).parents[2]) + "\n")
    return made


def ask(environment: Path, program: str) -> str:
    ended = subprocess.run(
        [str(environment / "bin" / "python"), "-c", program], capture_output=True, text=True, check=False, env={}
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def install(environment: Path, wheel: Path) -> None:
    """What an installer does with a wheel of plain modules."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_folder(environment))


def make_wheel(folder: Path, files: dict[str, str]) -> Path:
    wheel = folder / "promptflow-1.18.5-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


def test_our_names_answer_where_there_is_no_other(environment: Path) -> None:
    told = ask(
        environment, "import promptflow; from promptflow.core import tool; print(promptflow.__file__, tool.__module__)"
    )

    assert "pfstudio_compat" in told
    assert told.endswith("pfstudio.tools.decorator")


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_a_real_distribution_wins_whichever_came_first(environment: Path, tmp_path: Path, first: str) -> None:
    files = {
        "promptflow/__init__.py": "who = 'the original'\n",
        "promptflow/core/__init__.py": "tool = 'original tool'\n",
        "promptflow-1.18.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: promptflow\nVersion: 1.18.5\n",
    }
    site = site_folder(environment)
    if first == "theirs":
        shutil.move(str(site / "pfstudio_compat"), tmp_path / "aside")
        install(environment, make_wheel(tmp_path, files))
        shutil.move(tmp_path / "aside", str(site / "pfstudio_compat"))
    else:
        install(environment, make_wheel(tmp_path, files))

    told = ask(environment, "import promptflow, promptflow.core; print(promptflow.who, promptflow.core.tool)")

    assert told == "the original original tool"
    assert all((site / name).read_text() == text for name, text in files.items())
    assert {path.name for path in (site / "promptflow").iterdir()} - {"__pycache__"} == {"__init__.py", "core"}


def test_third_party_tools_under_the_name_are_found_beside_ours(environment: Path) -> None:
    site = site_folder(environment)
    for module in ("promptflow/tools/my_company/__init__.py", "promptflow/evals/__init__.py"):
        (site / module).parent.mkdir(parents=True)
        (site / module).write_text("answer = 42\n")

    program = (
        "import promptflow.tools.my_company as mine, promptflow.evals as evals; from promptflow.core import tool; "
        "import promptflow.tools.common as ours; print(mine.answer, evals.answer, tool.__module__, ours.__name__)"
    )

    assert ask(environment, program) == "42 42 pfstudio.tools.decorator promptflow.tools.common"


def test_a_real_core_without_the_package_around_it_answers_for_its_part(environment: Path) -> None:
    site = site_folder(environment)
    (site / "promptflow" / "core").mkdir(parents=True)
    (site / "promptflow" / "core" / "__init__.py").write_text("tool = 'original tool'\n")

    program = "from promptflow.core import tool as theirs; from promptflow import tool; print(theirs, tool.__module__)"

    assert ask(environment, program) == "original tool pfstudio.tools.decorator"


def test_another_copy_of_our_names_is_not_taken_for_a_real_one(environment: Path, tmp_path: Path) -> None:
    shutil.copytree(Path(promptflow.__file__).parent, tmp_path / "elsewhere" / "promptflow")
    program = (
        f"import sys; sys.path.append({str(tmp_path / 'elsewhere')!r}); "
        "import promptflow.core; print(promptflow.__path__, promptflow.core.__file__)"
    )

    assert "elsewhere" not in ask(environment, program)
