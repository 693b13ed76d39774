"""What reads flows sees of the share."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.flow.validation import check_flow
from pfstudio.flows.share_files import ShareFiles
from pfstudio.share.paths import Share, SharePath


@pytest.fixture
def share(tmp_path: Path) -> Share:
    made = Share(tmp_path / "share")
    for path in ("bob/promptflow/flow/sub", "bob/promptflow/shared", "bob2"):
        (made.users / path).mkdir(parents=True)
    (made.users / "bob/promptflow/shared/common.py").write_text("shared")
    (made.users / "bob/promptflow/flow/a.py").write_text("a")
    (made.users / "bob2/secret.py").write_text("secret")
    (tmp_path / "secret.py").write_text("secret")
    return made


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.py", "a"),
        ("./a.py", "a"),
        ("sub/../a.py", "a"),
        ("sub\\..\\a.py", "a"),
        ("../shared/common.py", "shared"),
        ("../../../bob2/secret.py", None),
        ("../../../../../secret.py", None),
        ("../../../../../../../../etc/passwd", None),
        ("/etc/passwd", None),
        ("a.py/x", None),
        ("sub", None),
        ("none.py", None),
        ("", None),
        ("a\0.py", None),
        ("C:/x", None),
    ],
)
def test_a_flow_reads_its_owners_files_and_no_others(share: Share, path: str, found: str | None) -> None:
    files = ShareFiles(share, SharePath.parse("Users/bob/promptflow/flow"))

    if found is None:
        with pytest.raises(FileNotFoundError):
            files.read_bytes(path)
    else:
        assert files.read_bytes(path) == found.encode()
        assert files.exists(path)


def test_a_flow_that_names_files_elsewhere_is_told_that_they_are_missing(share: Share, tmp_path: Path) -> None:
    folder = share.users / "bob/promptflow/flow"
    (folder / "away.py").symlink_to(tmp_path / "secret.py")
    nodes = [
        f"- {{name: n{number}, type: python, source: {{type: code, path: '{path}'}}}}\n"
        for number, path in enumerate(["../../../bob2/secret.py", "/etc/passwd", "away.py", "../../../../../secret.py"])
    ]
    (folder / "flow.dag.yaml").write_text("nodes:\n" + "".join(nodes))

    checked = check_flow(ShareFiles(share, SharePath.parse("Users/bob/promptflow/flow")))

    assert [problem.code for problem in checked.problems if problem.severity == "error"] == ["invalid_source"] * 4
    assert "secret" not in "".join(problem.message for problem in checked.problems).replace("secret.py", "")
