"""Becomes a shell: the program that a terminal's sandbox runs, as a file, with a Python without site packages.

`python -I -S start.py PLAN`, where PLAN is JSON `{argv, environment, folders}`. It makes the pseudo terminal on its
standard input the controlling terminal of a session of its own, so that Ctrl-C and job control work.
"""

import contextlib
import fcntl
import json
import os
import sys
import termios


def main(plan_text: str) -> None:
    plan = json.loads(plan_text)
    with contextlib.suppress(PermissionError):  # Without isolation it leads its session already.
        os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, 5)  # The studio runs before what its users start.
    for folder in plan["folders"]:
        with contextlib.suppress(OSError):
            os.chdir(folder)
            break
    os.environ.update(plan["environment"], PWD=os.getcwd())  # noqa: PTH109 - pathlib costs a prompt its first 10 ms.
    argv = plan["argv"]
    os.execvpe(argv[0], argv, os.environ)  # noqa: S606 - a shell is what a terminal is for.


main(sys.argv[1])
