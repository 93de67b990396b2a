"""The one place that says how Airflow is configured on this machine: its home, its database, its secrets.

Airflow is configured by environment variables alone, so that nothing depends on an ``airflow.cfg`` that an
earlier version wrote. Imports no Airflow: everything here must be set before Airflow is first imported.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DAG_ID = "hubspot_closed_won_to_intacct_invoice"
USER = "admin"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the programs listen: on 127.0.0.1, but for the two log servers, which Airflow binds to all
    interfaces and protects by signed requests."""

    api: int = 8080
    sandbox: int = 8765
    worker_logs: int = 8793
    trigger_logs: int = 8794
    mail: int = 8766


@dataclass(frozen=True, slots=True)
class Home:
    """Airflow's home on this machine: a folder that git ignores and only its owner can enter.

    ``project`` holds the code and anchors relative paths; ``dags`` defaults to its ``dags`` folder.
    """

    project: Path = ROOT
    folder: Path = ROOT / ".airflow"
    dags: Path = ROOT / "dags"

    @property
    def database(self) -> Path:
        return self.folder / "airflow.db"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def component_logs(self) -> Path:
        return self.logs / "components"

    @property
    def sandbox(self) -> Path:
        return self.folder / "sandbox"

    @property
    def reports(self) -> Path:
        """Where the reports of what is started here are."""
        named = os.environ.get("TIEOUT_REPORTS_DIR")
        return Path(named).expanduser() if named else self.folder / "reports"

    def prepare(self) -> None:
        """Make the folders, the secrets and the login, where they are not there yet."""
        for folder in (self.folder, self.folder / "xcom", self.component_logs, self.sandbox):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        (self.folder / "xcom").chmod(0o700)
        self._secrets()
        _write_private(self.folder / "passwords.json", json.dumps({USER: self.password}))

    @property
    def password(self) -> str:
        """Of the one login, ``USER``. Nobody knows it who cannot read this folder: whoever signs in can start runs that
        write to the books, and any user, and any page open in a browser, of this machine can reach its ports."""
        return self._secrets()["password"]

    def sweep(self, days: float = 30) -> int:
        """Delete the batches that tasks handed on longer ago than that, for they hold customers' data. Returns
        how many."""
        oldest, swept = time.time() - days * 86_400, 0
        for path in (self.folder / "xcom").rglob("*"):
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def _secrets(self) -> dict[str, str]:
        """Keys made once and kept, so that tokens and encrypted connections outlive a restart."""
        path = self.folder / "secrets.json"
        try:
            kept = json.loads(path.read_text())
        except (OSError, ValueError):
            kept = {}
        made = {
            "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "api_secret": secrets.token_urlsafe(64),
            "jwt_secret": secrets.token_urlsafe(96),
            "password": secrets.token_urlsafe(12),
        }
        if not made.keys() <= kept.keys():
            kept = {**made, **kept}
            _write_private(path, json.dumps(kept))
        return {name: str(value) for name, value in kept.items()}

    def environment(self, inherited: Mapping[str, str] | None = None, ports: Ports | None = None) -> dict[str, str]:
        """The variables for any Airflow process of this home. Ours win over those of the shell."""
        ports = ports or Ports()
        shell = os.environ if inherited is None else inherited
        return {
            **shell,
            # Everything here talks over the loopback interface, which a proxy of the shell's cannot reach.
            "NO_PROXY": ",".join(filter(None, (shell.get("NO_PROXY"), "127.0.0.1,localhost"))),
            "no_proxy": ",".join(filter(None, (shell.get("no_proxy"), "127.0.0.1,localhost"))),
            **self._paths(),
            **_SETTINGS,
            **self._keys(),
            "AIRFLOW__API__PORT": str(ports.api),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{ports.api}",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{ports.api}/execution/",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(ports.worker_logs),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(ports.trigger_logs),
        }

    def _paths(self) -> dict[str, str]:
        return {
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.database}?timeout=30",
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.project / "plugins"),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.folder / "passwords.json"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.logs),
            "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(self.logs / "dag_processor"),
            "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_PATH": f"file://{self.folder / 'xcom'}",
        }

    def _keys(self) -> dict[str, str]:
        keys = self._secrets()
        return {
            "AIRFLOW__CORE__FERNET_KEY": keys["fernet_key"],
            "AIRFLOW__API__SECRET_KEY": keys["api_secret"],
            "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt_secret"],
        }


_SETTINGS = {
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    # Each slot is a process of some 30 MB; pools of two and four slots keep few more busy on two cores.
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
    # Batches hold customers' data: they stay in a private folder, and the UI shows their path.
    "AIRFLOW__CORE__XCOM_BACKEND": "airflow.providers.common.io.xcom.backend.XComObjectStorageBackend",
    "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_THRESHOLD": "0",
    "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_COMPRESSION": "gzip",
    # The default of a second between two looks at the work is most of a short task's waiting time.
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__API__INSTANCE_NAME": "Tieout",
    "PYTHONUNBUFFERED": "1",
}


def read_env_file(path: Path) -> dict[str, str]:
    """The ``NAME=value`` lines of an Astro-style ``.env``; quotes around a value are taken off."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            found[name.strip()] = value
    return found


def _write_private(path: Path, text: str) -> None:
    """Write whole or not at all, readable by the owner only."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    beside.replace(path)
