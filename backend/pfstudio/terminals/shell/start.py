"""Becomes a shell: the program that a terminal's sandbox runs, as a file, with a Python without site packages.

`python -I -S start.py COUNT FOLDER… COMMAND…`: as many folders are tried in turn. It makes the pseudo
terminal on its standard input the controlling terminal of a session of its own, so that Ctrl-C and job control work.
It imports little: whoever opens a terminal waits for it.
"""

import fcntl
import os
import sys
import termios


def main() -> None:
    count, *given = sys.argv[1:]
    folders, command = given[: int(count)], given[int(count) :]
    if os.getsid(0) != os.getpid():  # Without isolation it leads its session already.
        os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.setpriority(os.PRIO_PROCESS, 0, 5)  # The studio runs before what its users start.
    for folder in folders:
        try:
            os.chdir(folder)
            break
        except OSError:
            continue
    os.environ["PWD"] = os.getcwd()  # noqa: PTH109 - pathlib costs more than all of this.
    os.execvp(command[0], command)  # noqa: S606 - a shell is what a terminal is for.


main()
