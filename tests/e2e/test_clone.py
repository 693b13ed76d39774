"""A repository elsewhere is cloned on the page, with what git signs in with kept under Settings."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio, start_studio, stop_studio
from git_server import *  # noqa: F403 - fixtures.
from git_server import GitServer
from ssh_server import ssh_serving

FLOW = {"flow.dag.yaml": b"nodes: []\n"}
TOKEN = "glpat-very-secret"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = start_studio(tmp_path_factory.mktemp("data"), PFSTUDIO_IMPORT_PRIVATE_ADDRESSES="1")
    yield running
    stop_studio(running)


def open_dialog(page: Page, studio: Studio) -> Locator:
    page.goto(studio.address + "/flows")
    page.get_by_role("button", name="More ways to create").click()
    page.get_by_role("menuitem", name="Clone with its history").click()
    dialog = page.get_by_role("dialog", name="Clone a repository")
    expect(dialog.get_by_role("textbox", name="Address of the repository")).to_be_focused()
    return dialog


def test_a_private_repository_is_cloned_once_its_token_is_stored_and_opens_with_its_git(
    studio: Studio, page: Page, git_server: GitServer
) -> None:
    git_server.make("team.git", FLOW)
    git_server.passwords["team.git"] = f"ada:{TOKEN}"
    (studio.home / "team").mkdir(parents=True)
    dialog = open_dialog(page, studio)
    page.keyboard.type(git_server.url("team.git"))
    expect(dialog.get_by_role("textbox", name="Name")).to_have_value("team")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("'team-2' is free")
    dialog.get_by_role("button", name="Clone as team-2").click()
    expect(dialog.get_by_role("alert")).to_contain_text("wants credentials")
    assert violations(page) == []

    with page.expect_popup() as opened:
        dialog.get_by_role("link", name="Open Settings → Git").click()
    store_token(opened.value, git_server)
    dialog.get_by_role("button", name="Clone", exact=True).click()

    page.get_by_role("region", name="Git", exact=True).wait_for()
    expect(page.get_by_role("region", name="Commits")).to_contain_text("made")
    assert page.url.endswith(f"/repository/Users/{USERNAME}/promptflow/team-2")
    folder = studio.home / "team-2"
    assert subprocess.check_output(["git", "-C", folder, "status", "--porcelain"]) == b""
    assert TOKEN not in (folder / ".git/config").read_text(encoding="utf-8")


def store_token(settings: Page, git_server: GitServer) -> None:
    part = settings.get_by_role("region", name="Tokens")
    part.get_by_role("textbox", name="Host").fill(git_server.url("").rstrip("/"))
    part.get_by_role("textbox", name="User name there").fill("ada")
    part.get_by_role("textbox", name="Token").fill(TOKEN)
    part.get_by_role("button", name="Add token").click()
    expect(part.get_by_role("listitem")).to_contain_text("As ada. Never used")
    assert TOKEN not in settings.content()
    settings.close()


def test_a_clone_that_takes_long_is_canceled_and_nothing_is_left_of_it(
    studio: Studio, page: Page, git_server: GitServer
) -> None:
    git_server.slow.add("slow.git")
    page.goto(f"{studio.address}/files")
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("menuitem", name="A git repository").click()
    dialog = page.get_by_role("dialog", name="Clone a repository")
    dialog.get_by_role("textbox", name="Address of the repository").fill(git_server.url("slow.git"))
    dialog.get_by_role("button", name="Clone", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("Receiving")
    dialog.get_by_role("button", name="Cancel clone").click()

    expect(dialog.get_by_role("button", name="Clone", exact=True)).to_be_enabled()
    expect(dialog.get_by_role("alert")).to_have_count(0)
    assert not (studio.home / "slow").exists()
    ends = time.monotonic() + 10
    while list((studio.data / "share/.incoming").iterdir()):
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_the_key_of_settings_lets_git_in_at_a_server_that_is_trusted_where_its_fingerprint_is_shown(
    studio: Studio, page: Page, git_server: GitServer, tmp_path: Path
) -> None:
    git_server.make("team.git", FLOW)
    page.goto(f"{studio.address}/settings#git")
    commits = page.get_by_role("region", name="Your commits")
    commits.get_by_role("textbox", name="Name").fill("Ada Lovelace")
    commits.get_by_role("button", name="Save").click()
    expect(commits.get_by_role("button", name="Save")).to_be_disabled()
    ssh = page.get_by_role("region", name="SSH key")
    ssh.get_by_role("button", name="Make an SSH key").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ssh.get_by_role("button", name="Copy public key").click()
    page.get_by_text("The public key was copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == ssh.get_by_role("textbox", name="Public key").input_value()

    with ssh_serving(tmp_path / "sshd") as server:
        server.let_in(copied)
        dialog = open_dialog(page, studio)
        page.keyboard.type(server.url(git_server.root / "team.git"))
        dialog.get_by_role("textbox", name="Name").fill("over-ssh")
        page.keyboard.press("Enter")
        dialog.get_by_role("button", name="Trust this server").click()
        page.get_by_role("region", name="Commits").wait_for()
    assert (studio.home / "over-ssh/flow.dag.yaml").read_bytes() == FLOW["flow.dag.yaml"]

    page.goto(f"{studio.address}/settings#git")
    expect(commits.get_by_role("textbox", name="Name")).to_have_value("Ada Lovelace")
    trusted = page.get_by_role("region", name="Servers you trust")
    expect(trusted.get_by_role("listitem")).to_contain_text(f"[127.0.0.1]:{server.port}")
    assert violations(page) == []
    trusted.get_by_role("button", name="Forget").click()
    expect(trusted.get_by_role("listitem")).to_have_count(0)
    ssh.get_by_role("button", name="Remove the SSH key").click()
    expect(ssh.get_by_role("button", name="Make an SSH key")).to_be_visible()
