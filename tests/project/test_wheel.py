"""What `pip install .` gives."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from this checkout and unpacked, as pip lays it out."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    site = out / "site"
    with zipfile.ZipFile(next(out.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return site


def test_wheel_carries_pages_migrations_gallery_and_compatibility_names(installed: Path) -> None:
    for path in (
        "pfstudio/server/static/index.html",
        "pfstudio/gallery/flows/web-classification/flow.dag.yaml",
        "pfstudio_compat/promptflow/__init__.py",
        "pfstudio-compat.pth",
    ):
        assert (installed / path).is_file(), path
    assert list((installed / "pfstudio/db/migrations/versions").glob("*.py"))


def test_wheel_overwrites_nothing_of_a_real_promptflow(installed: Path) -> None:
    assert not (installed / "promptflow").exists()


def test_installed_package_runs_a_flow_and_migrates_a_database(installed: Path, tmp_path: Path) -> None:
    """In an interpreter that has what the package needs, but not this checkout."""
    libraries = sysconfig.get_path("purelib")
    flow = installed / "pfstudio/gallery/flows/web-classification"
    code = (
        f"import site, sys; site.addsitedir({str(installed)!r}); sys.path.append({libraries!r}); "
        "import pfstudio, promptflow; "
        f"assert pfstudio.__file__.startswith({str(installed)!r}), pfstudio.__file__; "
        f"assert promptflow.__file__.startswith({str(installed)!r}), promptflow.__file__; "
        f"from pfstudio.db.upgrade import upgrade; upgrade('sqlite:///{tmp_path}/studio.db'); "
        f"from promptflow import PFClient; print(PFClient().test(flow={str(flow)!r}))"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "category" in done.stdout
