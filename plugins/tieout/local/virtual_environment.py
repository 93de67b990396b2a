"""Makes ``.venv`` from a hash-locked list. ``bin/.setup`` runs it with a bare Python: standard library only.

``virtual_environment.py run|dev`` makes or repairs it; ``--current run|dev`` exits 0 where it is up to date.
A stamp inside ``.venv`` says what was installed for which interpreter, and is written last. A marker written
first and removed last tells an environment that was cut off half-way, which is made again from nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
UV_LOCK = "requirements-uv.lock"
STAMP = "tieout-stamp.json"
UNFINISHED = "tieout-unfinished"


class SetupFailed(Exception):
    """Setting up did not work; the message says what to do."""


class VirtualEnvironment:
    """The project's ``.venv``. ``interpreter`` is the Python it is made with where it has to be made."""

    def __init__(self, root: Path, interpreter: str = sys.executable) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.interpreter = interpreter
        self._held: tuple[int, ...] = ()

    def is_current(self, kind: str) -> bool:
        """Whether everything that ``kind`` needs is installed. The stamp of ``dev`` covers ``run``."""
        stamp = self._stamped()
        if (self.folder / UNFINISHED).exists() or not self._runs():
            return False
        wanted = self.stamp("dev" if stamp.get("kind") == "dev" else kind)
        return stamp == wanted

    def make(self, kind: str) -> None:
        """Bring ``.venv`` up to date; a second caller waits for the first and then finds nothing to do."""
        with self._alone():
            if self.is_current(kind):
                return
            if self._stamped().get("kind") == "dev":
                kind = "dev"
            started = time.monotonic()
            if self.must_start_over():
                self._discard()
            new = not self.folder.exists()
            self.folder.mkdir(exist_ok=True)
            (self.folder / UNFINISHED).touch()
            if new:
                _say(f"Making .venv with {self.interpreter} (Python {sys.version.split()[0]})")
                self._run([self.interpreter, "-m", "venv", str(self.folder)], "making a virtual environment")
            installer = self._install(kind)
            self._install_ourselves()
            (self.folder / STAMP).write_text(json.dumps(self.stamp(kind)))
            (self.folder / UNFINISHED).unlink()
            _say(f"The environment is ready ({installer}, {time.monotonic() - started:.0f} s)")

    def stamp(self, kind: str) -> dict[str, str]:
        """What the stamp of a finished environment of this kind says."""
        return {
            "kind": kind,
            "lock": _digest(self.root / LOCKS[kind]),
            "project": _digest(self.root / "pyproject.toml"),
            "root": str(self.root),
            "python": self._version(),
        }

    def _stamped(self) -> dict[str, str]:
        """What the stamp says; nothing where there is none."""
        try:
            stamp = json.loads((self.folder / STAMP).read_text())
        except (OSError, ValueError):
            return {}
        return {str(name): str(value) for name, value in stamp.items()} if isinstance(stamp, dict) else {}

    def _version(self) -> str:
        """The version that ``.venv`` was made with, as its own configuration says."""
        try:
            lines = (self.folder / "pyvenv.cfg").read_text().splitlines()
        except OSError:
            return ""
        facts = dict(line.split(" = ", 1) for line in lines if " = " in line)
        return f"{facts.get('version', '')} {facts.get('home', '')}"

    def _runs(self) -> bool:
        if Path(sys.prefix) == self.folder:
            return True
        try:
            return subprocess.run([self.python, "-I", "-c", "import pip"], capture_output=True).returncode == 0
        except OSError:
            return False

    def must_start_over(self) -> bool:
        """Cut off half-way, of a Python that is gone or unfit, or of another folder (scripts name it)."""
        if not self.folder.exists():
            return False
        if (self.folder / UNFINISHED).exists():
            _say("An earlier set-up did not finish; starting over")
            return True
        version = self._version().split(".")[:2]
        if not self._runs() or version not in (["3", "11"], ["3", "12"], ["3", "13"]):
            _say(".venv does not run, or has a Python that is not 3.11 to 3.13; starting over")
            return True
        moved = self._stamped().get("root", str(self.root)) != str(self.root)
        if moved:
            _say(".venv was made in another folder; starting over")
        return moved

    def _discard(self) -> None:
        """Out of the way at once, and then deleted: nothing can half-delete what is used next."""
        aside = self.root / ".venv.discarded"
        shutil.rmtree(aside, ignore_errors=True)
        self.folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)

    def _install(self, kind: str) -> str:
        """Install the lock: by uv if it can be had and does not fail, else by pip. Returns which."""
        lock = self.root / LOCKS[kind]
        packages = sum(1 for line in lock.read_text().splitlines() if "==" in line and line[0].isalnum())
        if os.environ.get("TIEOUT_INSTALLER") != "pip" and self._has_uv():
            _say(f"Installing up to {packages} packages from {lock.name} with uv")
            environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(self.folder)}
            uv, options = str(self.folder / "bin/uv"), ["--quiet", "--python", str(self.python), "--require-hashes"]
            command = [uv, "pip", "install", *options, "-r", str(lock)]
            tried = subprocess.run(command, cwd=self.root, env=environment, stderr=subprocess.PIPE, pass_fds=self._held)
            if tried.returncode == 0:
                return "uv"
            _say("uv could not install them, so pip will: " + _last_line(tried.stderr))
        _say(f"Installing up to {packages} packages from {lock.name} with pip, which takes a minute or two")
        self._pip(["--require-hashes", "-r", str(lock)], f"installing {lock.name}")
        return "pip"

    def _has_uv(self) -> bool:
        if not (self.folder / "bin/uv").exists():
            _say("Fetching uv, a faster installer")
            self._pip(["--require-hashes", "-r", str(self.root / UV_LOCK)], None)
        return (self.folder / "bin/uv").exists()

    def _install_ourselves(self) -> None:
        """Put the project on the path and register its connection types with Airflow."""
        self._pip(["--no-deps", "--no-build-isolation", "-e", str(self.root)], "installing the project itself")

    def _pip(self, arguments: Sequence[str], doing: str | None) -> None:
        options = ["--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore"]
        self._run([str(self.python), "-I", "-m", "pip", "install", *options, *arguments], doing)

    def _run(self, command: Sequence[str], doing: str | None) -> None:
        """Run it; where it fails, raise with the end of what it said, or go on if ``doing`` is ``None``."""
        environment = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=self._held
        )
        if done.returncode != 0 and doing is not None:
            tail = "\n  ".join(done.stdout.decode(errors="replace").strip().splitlines()[-12:])
            raise SetupFailed(f"{doing[0].upper()}{doing[1:]} failed:\n  {tail}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        path = self.root / ".venv.lock"
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                _say("Another command is setting up .venv; waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            # Installers hold the lock too: killed while one works, we leave it to the end of that work.
            self._held = (file.fileno(),)
            yield


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _last_line(output: bytes) -> str:
    return (output.decode(errors="replace").strip().splitlines() or ["it gave no reason"])[-1].strip()


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str]) -> int:
    environment = VirtualEnvironment(Path(__file__).resolve().parents[3])
    if arguments[0] == "--current":
        return 0 if environment.is_current(arguments[1]) else 1
    try:
        environment.make(arguments[0])
    except SetupFailed as failure:
        _say(f"{failure}\nNothing else was changed. Repair the cause and run the command again.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
