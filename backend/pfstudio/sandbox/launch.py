"""The first program in a sandbox: `python -I -S launch.py LIMITS KEPT COMMAND…`.

It binds itself, closes what leads out, and becomes COMMAND.

Folders are handed to bubblewrap as open descriptors. One that stayed open would be a way out of the sandbox, so all but
the three usual ones and KEPT (numbers with commas) are closed here. LIMITS are `name=value` with commas.
"""

import os
import resource
import signal
import sys

_KINDS = {
    "file_size": resource.RLIMIT_FSIZE,
    "open_files": resource.RLIMIT_NOFILE,
    "processes": resource.RLIMIT_NPROC,
    "processor_seconds": resource.RLIMIT_CPU,
}


def main() -> None:
    limits, kept, *command = sys.argv[1:]
    last = 2
    for descriptor in sorted({int(number) for number in kept.split(",") if number}):
        os.closerange(last + 1, descriptor)
        os.set_inheritable(descriptor, True)
        last = descriptor
    os.closerange(last + 1, os.sysconf("SC_OPEN_MAX"))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, _, value in (entry.partition("=") for entry in limits.split(",") if entry):
        _, hard = resource.getrlimit(_KINDS[name])
        allowed = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
        resource.setrlimit(_KINDS[name], (allowed, allowed))
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and what it becomes would, too.
    try:
        os.execvp(command[0], command)  # noqa: S606 - the command line is the caller's, and no shell is wanted.
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
    os._exit(127)


if __name__ == "__main__":
    main()
