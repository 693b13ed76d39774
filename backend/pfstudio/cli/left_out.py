"""Commands of promptflow that pfstudio does not have: each answers with one sentence that names what to use instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pfstudio.errors import UserErrorException

_SENTENCES: Final[dict[tuple[str, ...], str]] = {
    ("service",): "There is no background service in pfstudio: nothing needs one. `pfstudio serve` starts the studio, "
    "and `pf flow test --flow FLOW --ui` opens a page for one flow.",
    ("trace",): "There is no trace store to delete from in pfstudio: traces are kept with their run, and "
    "`pf run delete --name RUN` removes both.",
    ("upgrade",): "pfstudio does not update itself; use `pip install --upgrade pfstudio`.",
    ("experiment",): "Experiments are not part of pfstudio: use `pf run create` once for each step, with `--run` to "
    "name the run before it.",
    ("flow", "serve"): "`pf flow serve` is not part of this version of pfstudio; call the flow from Python with "
    "`promptflow.client.load_flow`, or open it with `pf flow test --ui`.",
    ("flow", "build"): "`pf flow build` is not part of this version of pfstudio; the flow folder itself, with "
    "`pip install pfstudio`, is all another machine needs.",
}


class CommandLeftOutError(UserErrorException):
    """The command exists in promptflow and not here."""


def refuse(words: Sequence[str]) -> None:
    """Do nothing where the words typed name a command that is here.

    Raises:
        CommandLeftOutError: they name one that was left out.
    """
    for command, sentence in _SENTENCES.items():
        if tuple(words[: len(command)]) == command:
            raise CommandLeftOutError(sentence)


def sentence_of(*command: str) -> str:
    """What is said for a command that was left out; the SDK says the same."""
    return _SENTENCES[command]
