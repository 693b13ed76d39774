"""User names go into paths and addresses, so the grammar is narrow."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.accounts.errors import InvalidUsernameError
from pfstudio.accounts.names import check_username, username_from


@pytest.mark.parametrize("name", ["ada", "a", "0x", "ada.lovelace", "ada_lovelace-2", "x" * 39, "bob", "bob2"])
def test_ordinary_names_are_taken(name: str) -> None:
    assert check_username(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *["", " ", "Ada", "ADA", "x" * 40, ".", "..", ".ada", "-ada", "_ada", "ada..bob", "ada.", "~ada", "ada*"],
        *["ada/bob", "../ada", "ada\\bob", "ada bob", "ada\n", "ada\x00", "ada%2e", "ada:b", "ada@home"],
        *["édith", "\N{FULLWIDTH LATIN SMALL LETTER A}da", "ада"],
        *["con", "nul.txt", "com1", "lpt9", "me", "users", "workspace", "api"],
    ],
)
def test_names_that_could_mean_another_path_or_user_are_refused(name: str) -> None:
    with pytest.raises(InvalidUsernameError):
        check_username(name)


@given(st.text(max_size=60))
def test_whatever_is_taken_is_one_plain_folder_on_every_system(text: str) -> None:
    try:
        name = check_username(text)
    except InvalidUsernameError:
        return
    assert PurePosixPath("Users", name).parts == ("Users", name)
    assert PureWindowsPath("Users", name).parts == ("Users", name)
    assert name == name.casefold()


@given(st.text(max_size=60))
def test_any_system_user_gets_a_name_that_is_taken(text: str) -> None:
    name = username_from(text)
    assert check_username(name) == name


@pytest.mark.parametrize(
    ("system", "name"), [("Ada Lovelace", "ada-lovelace"), ("José", "jose"), ("CORP\\ada", "corp-ada"), ("", "admin"),
                         ("..", "admin"), ("root", "root"), ("con", "admin")]
)  # fmt: skip
def test_a_name_near_the_system_users_is_proposed(system: str, name: str) -> None:
    assert username_from(system) == name
