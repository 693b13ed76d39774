"""Runs the scripts of `rows.yaml` with whatever package answers to `promptflow`, and writes what each came to.

    python run_rows.py ROWS.json ANSWERS.json

Needs nothing but promptflow. Each script runs in a process of its own, in an empty folder with an empty home, and
says its answer by giving `answer` a value.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def main(rows_file, answers_file):
    rows = json.loads(Path(rows_file).read_text(encoding="utf-8"))
    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(rows, pool.map(in_a_child, rows.values()), strict=True))
    Path(answers_file).write_text(json.dumps(answers, indent=1), encoding="utf-8")


def in_a_child(script):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        work = Path(folder, "work")
        work.mkdir()
        (work.parent / "script.py").write_text(script, encoding="utf-8")
        environ = {**os.environ, "HOME": folder, "PF_HOME_DIRECTORY": folder}
        command = [sys.executable, str(Path(__file__).resolve()), "--child", folder]
        with Path(folder, "log").open("w") as log:
            process = subprocess.Popen(command, cwd=work, env=environ, stdout=log, stderr=log, start_new_session=True)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            return {"hangs": Path(folder, "log").read_text(encoding="utf-8")[-500:]}
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # The original leaves processes behind.
            process.wait()
        result = Path(folder, "answer.json")
        if result.is_file():
            return json.loads(result.read_text(encoding="utf-8"))
        return {"died": Path(folder, "log").read_text(encoding="utf-8")[-500:]}


def child(folder):
    names = {"__name__": "__main__", "save": save, "flow": flow, "model_url": os.environ["MODEL_URL"]}
    try:
        exec(compile(Path(folder, "script.py").read_text(encoding="utf-8"), "script", "exec"), names)
        answer = names["answer"]
    except BaseException as error:
        traceback.print_exc()
        answer = {"raised": type(error).__name__, "message": str(error)}
    Path(folder, "answer.json").write_text(json.dumps(answer, default=str), encoding="utf-8")


def save(path, text):
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def flow(source, folder="flow", **inputs):
    """The output of a flow of one python node whose file is `source`, made in a folder."""
    from promptflow.client import PFClient

    save(f"{folder}/tool.py", source)
    lines = ["inputs: {}", "outputs:", "  out: {type: object, reference: '${node.output}'}", "nodes:"]
    lines += ["- name: node", "  type: python", "  source: {type: code, path: tool.py}", "  inputs:"]
    lines += [f"    {name}: {json.dumps(value)}" for name, value in inputs.items()] or ["    {}"]
    save(f"{folder}/flow.dag.yaml", "\n".join(lines) + "\n")
    return PFClient(config={"trace.destination": "none"}).test(folder)["out"]


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        child(sys.argv[2])
        sys.stdout.flush()
        os._exit(0)
    main(*sys.argv[1:])
