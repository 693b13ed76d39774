"""Runs cases with whatever package answers to `promptflow`: the original or ours. Needs nothing else.

    python driver.py JOBS.json ANSWERS.jsonl

The packages are imported once; each case then runs in a process forked from this one, so that no case sees what
another one left behind.
"""

import contextlib
import dataclasses
import importlib
import importlib.metadata
import json
import math
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

LOG_LINE = re.compile(r"^(\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
FAILED = re.compile(r"^pf(\.[\w-]+)+ failed with ", re.MULTILINE)


def main(jobs_file, answers_file):
    jobs = json.loads(Path(jobs_file).read_text(encoding="utf-8"))
    for module in jobs["preload"]:
        try:
            importlib.import_module(module)
        except ImportError as error:
            print("not preloaded:", error, file=sys.stderr)
    with Path(answers_file).open("w", encoding="utf-8") as answers:
        for job in jobs["cases"]:
            started = time.monotonic()
            answer = in_a_child(job, jobs["timeout"])
            seconds = round(time.monotonic() - started, 2)
            answers.write(json.dumps({"id": job["id"], "answer": answer, "seconds": seconds}) + "\n")
            answers.flush()


def in_a_child(job, timeout):
    result = Path(job["folder"]).with_suffix(".answer")
    pid = os.fork()
    if pid == 0:
        try:
            child(job, result)
        finally:
            os._exit(0)
    deadline = time.monotonic() + timeout
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return {"hangs": timeout}
        time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # The original leaves processes behind.
    if not result.is_file():
        return {"died": True}
    return json.loads(result.read_text(encoding="utf-8"))


def child(job, result):
    os.setpgid(0, 0)
    folder = Path(job["folder"])
    redirect(folder)
    os.chdir(folder)
    renew_locks()
    try:
        make_connections(job["connections"])
        os.environ.update(job["environment"])
        answer = ACTIONS[job["action"]](job)
    except BaseException as error:
        traceback.print_exc()
        answer = failure(error)
    result.write_text(json.dumps(plain(answer)), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()


def renew_locks():
    """The original's locks of modules refuse to work in a forked process; new ones take their places."""
    filelock = sys.modules.get("filelock")
    for name, module in list(sys.modules.items()) if filelock else []:
        for key, value in list(vars(module).items()) if name.startswith("promptflow.") else []:
            if isinstance(value, filelock.BaseFileLock):
                setattr(module, key, type(value)(value.lock_file))


def redirect(folder):
    """Standard output and error of this process go to files beside the case's folder."""
    sys.stdout.flush()
    sys.stderr.flush()
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(folder.with_suffix("." + name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
        os.close(file)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def failure(error):
    message = str(error)
    if isinstance(error, OSError) and error.strerror:
        message = error.strerror
    return {"error": f"{type(error).__name__}: {message}", "classes": [kind.__name__ for kind in type(error).__mro__]}


def make_connections(given_connections):
    if not given_connections:
        return
    from promptflow import client, entities
    from promptflow import connections as core

    for given in given_connections:
        values = dict(given)
        name = values.pop("class")
        kind = getattr(entities, name, None) or getattr(core, name)
        client.PFClient().connections.create_or_update(kind(**values))


# --------------------------------------------------------------------------------------------------------- actions


def test(job):
    from promptflow.client import PFClient

    options = dict(job["options"])
    flow = options.pop("flow", "flow")
    inputs = job["act"]
    client = PFClient()
    if "detail" not in job["show"]:
        return {"output": client.test(flow, inputs=inputs, **options)}
    Path("detail").mkdir()
    output = client.flows.test(flow, inputs=inputs, output_path="detail", dump_test_result=True, **options)
    return {"output": output, **detail(Path("detail"))}


def detail(folder):
    records = json.loads((folder / "flow.detail.json").read_text(encoding="utf-8"))
    nodes = {run["node"]: node_record(run) for run in records["node_runs"]}
    metrics = folder / "flow.metrics.json"
    return {"nodes": nodes, "metrics": json.loads(metrics.read_text(encoding="utf-8")) if metrics.is_file() else None}


def node_record(run):
    record = {"status": run["status"], "output": run["output"]}
    if run.get("error"):
        record["error"] = run["error"]["message"]
    if run.get("inputs"):
        record["inputs"] = {key: value for key, value in run["inputs"].items() if key != "_inputs_to_escape"}
    return record


def call(job):
    from promptflow.client import load_flow

    return {"output": load_flow(job["options"].get("flow", "flow"))(**(job["act"] or {}))}


def invoke(job):
    from promptflow.client import load_flow

    line = load_flow("flow").invoke(job["act"] or {})
    nodes = {}
    for name, run in line.node_run_infos.items():
        nodes[name] = {"status": run.status.value, "output": run.output}
        if run.error:
            nodes[name]["error"] = run.error["message"]
    answer = {"status": line.run_info.status.value, "output": line.output, "nodes": nodes}
    if line.run_info.error:
        answer["failed"] = line.run_info.error["message"]
    return answer


def run(job):
    """One run, or several where the later ones name the earlier ones."""
    from promptflow.client import PFClient

    client = PFClient()
    several = job["act"] if isinstance(job["act"], list) else [job["act"]]
    answers = []
    for number, options in enumerate(several):
        own = Path(job["folder"]).name  # Runs of all cases of a topic share one home.
        arguments = {"flow": "flow", "name": f"{own}_run{number}", **options}
        for key in ("run", "resume_from"):
            if key in arguments:
                arguments[key] = f"{own}_{arguments[key]}"
        if "resume_from" in arguments:
            arguments.pop("flow")
        env = arguments.pop("os_environ", {})
        os.environ.update(env)
        try:
            finished = client.run(**arguments)
            answers.append(run_answer(finished.name, job["show"], client))
        except BaseException as error:
            traceback.print_exc()
            answers.append(failure(error))
    return answers[0] if len(answers) == 1 else {"runs": answers}


def run_answer(name, show, client):
    finished = client.runs.get(name)
    described = finished._to_dict()
    folder = Path(finished.properties["output_path"])
    answer = {"status": finished.status, "lines": rows(folder / "flow_outputs" / "output.jsonl")}
    metrics = folder / "metrics.json"
    answer["metrics"] = json.loads(metrics.read_text(encoding="utf-8")) if metrics.is_file() else {}
    if described.get("error"):
        answer["error"] = described["error"]["message"]
        info = (described["error"].get("additionalInfo") or [{}])[0].get("info") or {}
        for failed in info.get("errors") or []:
            key = failed.get("aggregation_node_name") or str(failed.get("line_number"))
            answer.setdefault("failed", {})[key] = failed["error"]["message"]
    if "inputs" in show:
        answer["inputs"] = rows(folder / "inputs.jsonl")
    if "nodes" in show:
        answer["nodes"] = {
            node.name: [record["run_info"]["status"] for file in sorted(node.iterdir()) for record in rows(file)]
            for node in sorted((folder / "node_artifacts").iterdir())
        }
    if "described" in show:
        answer["described"] = described
    if "files" in show:
        answer["files"] = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    if "details" in show:
        table = client.get_details(name)
        answer["details"] = {str(column): list(values) for column, values in table.to_dict("list").items()}
    return answer


def rows(file):
    if not file.is_file():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def commands(job):
    """`pf` commands, one after the other; each in a process of its own."""
    several = job["act"] if isinstance(job["act"], list) else [job["act"]]
    answers = [command(shlex.split(text), job["real"]) for text in several]
    answer = answers[0] if len(answers) == 1 else {"commands": answers}
    for file in job["show"]:
        if file.endswith(".detail.json"):
            records = json.loads(Path(file).read_text(encoding="utf-8"))
            answer[file] = {record["node"]: node_record(record) for record in records["node_runs"] or []}
        elif file.endswith("/"):
            answer[file] = sorted(str(path.relative_to(file)) for path in Path(file).rglob("*") if path.is_file())
        else:
            text = Path(file).read_text(encoding="utf-8") if Path(file).is_file() else None
            answer[file] = json.loads(text) if text and file.endswith(".json") else text
    return answer


def command(arguments, real):
    if real:
        program = Path(sys.executable).with_name("pf")
        ended = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, encoding="utf-8")
        return command_answer(ended.returncode, ended.stdout, ended.stderr)
    folder = Path.cwd()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            redirect(folder / "command")
            renew_locks()
            code = in_this_process(arguments)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    out, err = ((folder / f"command.{name}").read_text(encoding="utf-8") for name in ("out", "err"))
    return command_answer(os.waitstatus_to_exitcode(status), out, err)


def in_this_process(arguments):
    (entry,) = (point for point in importlib.metadata.entry_points(group="console_scripts") if point.name == "pf")
    sys.argv = ["pf", *arguments]
    try:
        code = entry.load()()
    except SystemExit as ended:
        code = ended.code
    if isinstance(code, str):
        print(code, file=sys.stderr)
        return 1
    return int(code or 0)


def command_answer(code, out, err):
    """Exit code, the error's sentence wherever it was written, and the data on standard output."""
    out, err = COLOR.sub("", out), COLOR.sub("", err)
    answer = {"exit": code}
    found = FAILED.search(out) or FAILED.search(err)
    if found:
        text = out[found.start() :] if FAILED.search(out) else err[found.start() :]
        answer["error"] = "\n".join(without_logs(text.splitlines())).strip()
        return answer
    answer["output"] = data_of(without_logs(out.splitlines()))
    if code and "Traceback (most recent call last)" in err:
        answer["raised"] = err.strip().splitlines()[-1]
    return answer


def data_of(lines):
    """The JSON document at the end of what was printed, or else the text."""
    for number, line in enumerate(lines):
        if line.startswith(("{", "[")):
            try:
                return json.loads("\n".join(lines[number:]))
            except ValueError:
                continue
    return "\n".join(lines).strip()


def without_logs(lines):
    return [line for line in lines if not LOG_LINE.match(line)]


def python(job):
    """A script; its global `answer` is the answer."""
    script = Path("script.py")
    script.write_text(job["act"], encoding="utf-8")
    names = {"__name__": "conformance_script", "__file__": str(script.resolve())}
    sys.path.insert(0, str(script.resolve().parent))
    exec(compile(job["act"], str(script), "exec"), names)
    return {"answer": names["answer"]}


ACTIONS = {"test": test, "call": call, "invoke": invoke, "run": run, "pf": commands, "python": python}


def plain(value):
    """JSON values; what is none is shown by its type."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"<{value}>"
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return f"<{value}>" if type(value) is not bytes else f"<{len(value)} bytes>"
    if isinstance(value, str):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            "dataclass": type(value).__name__,
            **{f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)},
        }
    if hasattr(value, "__next__"):
        return {"pieces": [plain(item) for item in value]}
    if hasattr(value, "item"):
        return plain(value.item())
    return repr(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
