"""Where this Airflow keeps the batches that tasks hand on. They hold customers' and contacts' data, so it matters who
can read them there: Airflow's own default is its database, and its pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from airflow.sdk.configuration import conf

from include.flows.checks.finding import Finding, State

IN_DATABASE = "airflow.sdk.execution_time.xcom.BaseXCom"
IN_OBJECT_STORAGE = "airflow.providers.common.io.xcom.backend.XComObjectStorageBackend"
_REMEDY = (
    f"Set [core] xcom_backend to {IN_OBJECT_STORAGE}, and of [common.io] xcom_objectstorage_path to a bucket or folder "
    "that only Airflow can read and xcom_objectstorage_threshold to 0."
)


def check_batches(settings: Mapping[str, str] | None = None) -> Finding:
    """What to say of it. ``settings``: ``backend``, ``threshold`` and ``path`` as Airflow has them (default: ask)."""
    told = settings or {
        "backend": conf.get("core", "xcom_backend", fallback=IN_DATABASE),
        "threshold": conf.get("common.io", "xcom_objectstorage_threshold", fallback="-1"),
        "path": conf.get("common.io", "xcom_objectstorage_path", fallback=""),
    }
    backend, path = told["backend"], told["path"]
    if backend.endswith(".BaseXCom"):
        return _of("problem", f"Airflow keeps batches, people's data among them, in its database. {_REMEDY}")
    if backend != IN_OBJECT_STORAGE:
        return _of("unknown", f"Batches are kept by {backend}; whether others can read them there is not known.")
    if told["threshold"].strip() != "0":
        return _of("problem", f"Airflow keeps small batches, people's data among them, in its database. {_REMEDY}")
    if path.startswith("file://"):
        folder = Path(path.removeprefix("file://"))
        if folder.is_dir() and folder.stat().st_mode & 0o077:
            why = f"Other users of this machine can enter {folder}, where batches with people's data lie: chmod 700 it."
            return _of("problem", why)
    return _of("ok", f"Batches lie in {path}; Airflow's database and pages have their paths alone.")


def _of(state: State, message: str) -> Finding:
    return Finding("airflow", "batches", state, message)
