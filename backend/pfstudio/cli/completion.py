"""`pf completion …`: what a shell offers behind a half typed command, made from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from pfstudio.cli import arguments, output

SHELLS = ("bash", "zsh", "fish")
_HELP = "Print a script that completes commands and options in your shell."
_EXAMPLES = """\
examples:
  echo 'source <(pf completion bash)' >> ~/.bashrc
  echo 'source <(pf completion zsh)' >> ~/.zshrc
  pf completion fish > ~/.config/fish/completions/pf.fish
"""
_BASH = """\
_pf_complete() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" path="" words="" choices="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${{COMP_WORDS[i]}}" in
      {paths}) path="$path ${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$path $prev" in
{choices}
  esac
  if [[ -n $choices ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$cur"))
    return
  fi
  case "$path" in
{words}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ ${{#COMPREPLY[@]}} -eq 0 ]]; then
    compopt -o default 2>/dev/null
  fi
}}
complete -F _pf_complete pf
"""
_ZSH = "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"


@dataclass(frozen=True)
class _Command:
    """One level of the parser: its words, what they mean, and the choices of its options."""

    path: tuple[str, ...]
    words: dict[str, str]
    choices: dict[str, tuple[str, ...]]

    @property
    def joined(self) -> str:
        return "".join(f" {word}" for word in self.path)


def add_commands(commands: arguments.Subcommands) -> None:
    parser = arguments.add_command(commands, "pf.completion", _HELP, completion)
    parser.epilog = _EXAMPLES
    parser.add_argument("shell", choices=SHELLS, help="The shell.")


def completion(args: argparse.Namespace) -> None:
    from pfstudio.cli.main import pf_parser

    found = list(_walk(pf_parser("pf"), ()))
    output.write((_fish(found) if args.shell == "fish" else _bash(found, args.shell)).rstrip("\n"))


def _walk(parser: argparse.ArgumentParser, path: tuple[str, ...]) -> Iterator[_Command]:
    words: dict[str, str] = {}
    choices: dict[str, tuple[str, ...]] = {}
    below: list[tuple[str, argparse.ArgumentParser]] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {item.dest: item.help or "" for item in action._choices_actions}
            words |= {name: helps.get(name, "") for name in action.choices}
            below += action.choices.items()
        elif action.help != argparse.SUPPRESS:
            for option in action.option_strings:
                words[option] = action.help or ""
                if action.choices:
                    choices[option] = tuple(str(choice) for choice in action.choices)
            if not action.option_strings and action.choices:
                words |= dict.fromkeys((str(choice) for choice in action.choices), "")
    yield _Command(path, words, choices)
    for name, inner in below:
        yield from _walk(inner, (*path, name))


def _bash(commands: list[_Command], shell: str) -> str:
    paths = "|".join(f'"{command.joined}"' for command in commands if command.path)
    words = "\n".join(f'    "{command.joined}") words="{" ".join(command.words)}" ;;' for command in commands)
    choices = "\n".join(
        f'    "{command.joined} {option}") choices="{" ".join(values)}" ;;'
        for command in commands
        for option, values in command.choices.items()
    )
    return (_ZSH if shell == "zsh" else "") + _BASH.format(paths=paths, words=words, choices=choices)


def _fish(commands: list[_Command]) -> str:
    lines = []
    for command in commands:
        if not command.path:
            where = "__fish_use_subcommand"
        else:
            seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.path)
            inner = [word for word in command.words if not word.startswith("-")]
            where = seen + (f"; and not __fish_seen_subcommand_from {' '.join(inner)}" if inner else "")
        lines += [_fish_line(word, text, where, command) for word, text in command.words.items()]
    return "\n".join(lines) + "\n"


def _fish_line(word: str, text: str, where: str, command: _Command) -> str:
    described = text.replace("\\", "\\\\").replace("'", "\\'").replace("%%", "%")
    if word.startswith("--"):
        option = f"-l {word[2:]}"
    elif word.startswith("-"):
        option = f"-s {word[1:]}"
    else:
        option = f"-f -a {word}"
    values = f" -x -a '{' '.join(command.choices[word])}'" if word in command.choices else ""
    return f"complete -c pf -n '{where}' {option}{values} -d '{described}'"
