"""What requirements files ask for, and the sentence for each that cannot be used."""

from __future__ import annotations

import pytest

from pfstudio.environments.errors import RequirementsError
from pfstudio.environments.requirements import Requirements, read_requirements


def read(text: str | bytes, **others: str) -> Requirements:
    files = {"requirements.txt": text, **{name.replace("_", "."): content for name, content in others.items()}}

    def content(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        found = files[name]
        return found if isinstance(found, bytes) else found.encode()

    return read_requirements(content, "requirements.txt")


@pytest.mark.parametrize(
    "line",
    [
        "requests",
        "requests==2.32.3",
        "requests[socks, security]>=2.31,<3",
        "requests (>=2.31)",
        'requests>=2 ; python_version < "3.13" and sys_platform == "linux"',
        "requests===2.32.3",
        "requests~=2.32 # why",
        "Foo.Bar_baz!=1.*",
        "name @ https://packages.example/name-1.0-py3-none-any.whl",
        "name @ git+https://git.example/name.git@main",
    ],
)
def test_what_pip_takes_goes_on_as_it_stands(line: str) -> None:
    assert len(read(line).lines) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("requests=2.3", "line 1: 'requests=2.3' is no requirement"),
        ("requests=2.3", "Did you mean 'requests==2.3'?"),
        ("ok\nrequests =>2", "line 2: 'requests =>2' is no requirement"),
        ("two words", "'two words' is no requirement"),
        ("!!", "'!!' is no requirement"),
        ("-e .", "'-e .' is left to one's own machine"),
        ("--editable=./lib", "imports what lies in its folder without it. Remove the line."),
        ("./lib", "'./lib' is no package"),
        ("x @ file:///etc/x-1-py3-none-any.whl", "a file is named by its path in the flow's folder"),
        ("x @ git+ssh://git@git.example/x", "over https only"),
        ("x @ git+file:///srv/x", "over https only"),
        ("-r missing.txt", "line 1: there is no file 'missing.txt' that it could include."),
        ("-r requirements.txt", "line 1: 'requirements.txt' includes itself."),
        ("-r", "'--requirement' needs a value after it."),
        ("--index-url ftp://x", "'ftp://x' is no address that begins with https://."),
        ("--what-is-this", "the option '--what-is-this' is none that the studio knows."),
        ("x --config-settings=a=b", "the option '--config-settings' of a single package"),
        ("x\n--index-url https://u:${TOKEN}@x/simple", "line 2: it uses ${TOKEN}"),
        ("--find-links 'x", "a quotation mark is not closed."),
        (b"requests\nna\xefve==1\n", "line 2: it is not UTF-8 text. Save it as UTF-8."),
        (b"a\0b", "it holds zero bytes"),
        ("x\n" * 5_001, "more than 5,000 lines"),
        (b"#" * 1_000_001, "it is larger than 1 MB."),
    ],
)
def test_a_line_that_cannot_be_used_has_one_sentence_with_its_place(text: str | bytes, words: str) -> None:
    with pytest.raises(RequirementsError) as error:
        read(text)

    assert words in str(error.value)
    assert str(error.value).startswith("requirements.txt")


def test_a_password_is_in_no_sentence() -> None:
    with pytest.raises(RequirementsError) as error:
        read("--index-url ftp://me:hunter2hunter2@packages.example/simple")

    assert "hunter2" not in str(error.value)
    assert "packages.example" in str(error.value)


def test_promptflow_and_its_kin_are_dropped_however_they_are_written() -> None:
    found = read("PromptFlow[azure]>=1.1\npromptflow_tools\npromptflow.core==1 ; python_version>'3'\nrequests\n")

    assert found.lines == ["requests"]
    assert len(found.dropped) == 3


def test_only_comments_and_our_own_leave_nothing_to_install() -> None:
    assert read("# nothing\n\npromptflow\n").is_empty


def test_included_files_belong_to_it_and_constraints_are_kept_apart() -> None:
    found = read("-r more.txt\n-c bounds.txt\n", more_txt="requests\nhttpx\n", bounds_txt="idna<4\n")

    assert found.lines == ["requests", "httpx"]
    assert found.constraints == ["idna<4"]
    assert found.origins == [("more.txt", 1), ("more.txt", 2)]


def test_a_problem_of_an_included_file_is_told_of_that_file() -> None:
    with pytest.raises(RequirementsError, match=r"more\.txt, line 2: 'a b' is no requirement"):
        read("-r more.txt\n", more_txt="ok\na b\n")


def test_a_continued_line_with_hashes_is_one_and_asks_for_hashes() -> None:
    found = read("aaa==1.0 \\\n    --hash=sha256:12 \\\n    --hash=sha256:34\n# end\n")

    assert found.lines == ["aaa==1.0 --hash=sha256:12 --hash=sha256:34"]
    assert found.needs_hashes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_as_windows_writes_it_is_read(encoding: str) -> None:
    assert read("requests\r\nhttpx\r\n".encode(encoding)).lines == ["requests", "httpx"]


def test_options_are_read_in_every_spelling() -> None:
    found = read(
        "-i https://a.example/simple\n--extra-index-url=https://b.example/simple\n-f https://c.example/\n"
        "--find-links ./wheels\n--pre\n--no-index\n--trusted-host d.example\n--no-binary :all:\n--prefer-binary\nx\n"
    )

    assert found.index == "https://a.example/simple"
    assert found.extra_indexes == ["https://b.example/simple"]
    assert (found.pages, found.folders) == (["https://c.example/"], ["./wheels"])
    assert found.prerelease and found.no_index
    assert (found.hosts, found.no_binary) == (["d.example"], [":all:"])


def test_wheels_of_the_folder_are_named_by_their_paths() -> None:
    found = read("./wheels/a-1.0-py3-none-any.whl\nb @ file:wheels/b-1.0-py3-none-any.whl ; python_version > '3'\n")

    assert found.local == ["./wheels/a-1.0-py3-none-any.whl", "wheels/b-1.0-py3-none-any.whl"]
    assert found.lines[0] == "{0}"
    assert found.lines[1].startswith("b @ {1} ;")
