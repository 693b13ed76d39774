"""`pf flow …`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfstudio.cli import arguments, flow_init, output
from pfstudio.errors import UserErrorException

if TYPE_CHECKING:
    from pfstudio.sdk.model_calls import ModelCalls

_TEST_EXAMPLES = """\
examples:
  pf flow test --flow my-flow
  pf flow test --flow my-flow --inputs question="hi" count=3
  pf flow test --flow my-flow --inputs one-line.jsonl
  pf flow test --flow my-flow --node fetch --inputs url=https://example.com
  pf flow test --flow my-flow --variant '${draft.short}'
  pf flow test --flow my-chat --interactive
  pf flow test --flow my-flow --ui
  pf flow test --flow my_module:answer --inputs question="hi" --init model=gpt-4o
  pf flow test --flow my-flow --record calls.jsonl
  pf flow test --flow my-flow --replay calls.jsonl
"""


def add_commands(commands: arguments.Subcommands) -> None:
    group = arguments.add_group(commands, "flow", "Make, test and check flows.")
    _add_test(group)
    flow_init.add_init(group)
    parser = arguments.add_command(group, "pf.flow.validate", "Find everything that is wrong with a flow.", validate)
    parser.epilog = "examples:\n  pf flow validate --source my-flow\n"
    parser.add_argument("--source", required=True, metavar="DIR", help="The flow's folder or file.")
    parser = arguments.add_command(group, "pf.flow.save", "Write the flow.flex.yaml of a function or class.", save)
    parser.epilog = "examples:\n  pf flow save --entry my_module:answer --code src --path my-flow\n"
    parser.add_argument("--entry", required=True, metavar="MODULE:NAME", help="The function or class.")
    parser.add_argument("--code", metavar="DIR", help="The folder or file it is in; default: this folder.")
    parser.add_argument("--path", metavar="DIR", help="The flow folder to make; default: beside the code.")


def _add_test(group: arguments.Subcommands) -> None:
    parser = arguments.add_command(group, "pf.flow.test", "Run a flow, or one of its nodes, once.", test)
    parser.epilog = _TEST_EXAMPLES
    add = parser.add_argument
    add("--flow", required=True, help="The flow's folder or file, or MODULE:ENTRY of a Python function or class.")
    many: dict[str, Any] = {"action": "extend", "metavar": "KEY=VALUE"}
    add("--inputs", nargs="+", help="Input values, or one .json or .jsonl file.", **many)
    add("--input", help=argparse.SUPPRESS)
    add("--node", help="Run this node only.")
    add("--variant", help="The variant to run, as '${node.variant}'.")
    add("--init", nargs="+", help="Arguments of the flow's class, or one .json or .yaml file.", **many)
    add("--interactive", action="store_true", help="Chat with a chat flow here.")
    add("--ui", action="store_true", help="Open a page in the browser to chat with the flow, or to fill in its inputs.")
    add("--multi-modal", action="store_true", help="The same as --ui.")
    add("--skip-open-browser", action="store_true", help="With --ui: only print the page's address.")
    add("--port", type=int, default=0, help="With --ui: the port; default: a free one.")
    add("--url-params", nargs="+", help=argparse.SUPPRESS, **many)
    add(
        "--environment-variables",
        nargs="*",
        help="Environment of the run, or one .env file; without values, the nearest .env.",
        **many,
    )
    add("--detail", metavar="DIR", help="Where to write the records; default: .promptflow in the flow.")
    add("--config", nargs="+", help="Settings for this test, as of `pf config set`.", **many)
    add("--collection", help=argparse.SUPPRESS)
    calls = parser.add_argument_group("model calls")
    calls.add_argument("--reuse", action="store_true", help="Answer model calls that earlier runs made just so.")
    calls.add_argument("--record", metavar="FILE", help="Keep every model call in this file.")
    calls.add_argument("--replay", metavar="FILE", help="Answer model calls from this file, and make none.")


def test(args: argparse.Namespace) -> None:
    from pfstudio.sdk.client import PFClient

    if args.node:
        args.command = "pf.flow.node_test"  # The original's name in its error line.
    options: dict[str, Any] = {
        "inputs": _given_inputs(args),
        "variant": args.variant,
        "environment_variables": _given_environment(args.environment_variables),
        "init": _given_init(args.init),
        "output_path": args.detail,
        "model_calls": _given_model_calls(args),
        "log_level": "debug" if args.debug else "info",
    }
    client = PFClient(config=arguments.key_values(args.config or [], "--config"))
    if args.interactive:
        from pfstudio.cli import chat

        chat.run(client.flows.conversation(args.flow, **options), with_node_outputs=args.verbose)
    elif args.ui or args.multi_modal:
        from pfstudio.cli import page

        parameters = arguments.key_values(args.url_params or [], "--url-params")
        address = page.Address(args.port, parameters, opens_browser=not args.skip_open_browser)
        page.serve(client.flows.conversation(args.flow, **options), address)
    else:
        result = client.flows.test(args.flow, node=args.node, dump_test_result=True, stream_log=True, **options)
        _print_result(result)


def _print_result(result: Any) -> None:
    if isinstance(result, dict):
        output.print_json(result, ascii_only=False)
    else:
        output.write(str(result))


def _given_inputs(args: argparse.Namespace) -> dict[str, Any] | str | None:
    items = args.inputs or []
    if not items:
        return str(args.input) if args.input else None
    if len(items) == 1 and "=" not in items[0]:
        return str(items[0])
    return dict(arguments.key_values(items, "--inputs"))


def _given_environment(items: list[str] | None) -> dict[str, str] | None:
    from pfstudio.sdk import env_files

    if items is None:
        return None
    if not items:
        return env_files.read_env_file(env_files.nearest_env_file(Path.cwd()))
    if len(items) == 1 and "=" not in items[0]:
        return env_files.read_env_file(Path(items[0]))
    return arguments.key_values(items, "--environment-variables")


def _given_init(items: list[str] | None) -> Mapping[str, Any] | None:
    from pfstudio.sdk.test_inputs import read_init

    if not items:
        return None
    if len(items) == 1 and "=" not in items[0]:
        return read_init(Path(items[0]))
    return arguments.key_values(items, "--init")


def _given_model_calls(args: argparse.Namespace) -> ModelCalls | None:
    from pfstudio.sdk.model_calls import ModelCalls

    if not (args.reuse or args.record or args.replay):
        return None
    return ModelCalls(
        reuse=args.reuse,
        record=Path(args.record).absolute() if args.record else None,
        replay=Path(args.replay).absolute() if args.replay else None,
    )


def validate(args: argparse.Namespace) -> int:
    from pfstudio.sdk.flow_validation import validate_flow

    source = Path(args.source)
    if not source.exists():
        raise UserErrorException(f"Flow path {source.absolute()} does not exist.")
    result = validate_flow(source)
    output.write(repr(result))
    return 0 if result.passed else 1


def save(args: argparse.Namespace) -> None:
    from pfstudio.sdk.client import PFClient

    path = PFClient().flows.save(args.entry, args.code, args.path)
    output.write(f"Saved flow to {path.absolute()}.")
