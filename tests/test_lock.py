"""The locks hold exactly what the requirements ask for, with hashes for every package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==([^\s;\\]+)")


def _pins(text: str) -> set[tuple[str, str]]:
    """Name (normalised) and version of every pinned line."""
    found = (PIN.match(line) for line in text.splitlines())
    return {(re.sub(r"[-_.]+", "-", match.group(1)).lower(), match.group(2)) for match in found if match}


def _read(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize(
    ("requirements", "lock"),
    [
        ("requirements.txt", "requirements.lock"),
        ("requirements.txt", "requirements-dev.lock"),
        ("requirements-dev.txt", "requirements-dev.lock"),
        ("requirements-uv.txt", "requirements-uv.lock"),
    ],
)
def test_lock_contains_every_requirement_at_its_version(requirements: str, lock: str) -> None:
    asked = _pins(_read(requirements))
    assert asked
    assert asked <= _pins(_read(lock))


@pytest.mark.parametrize("requirements", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_every_direct_requirement_is_pinned_exactly(requirements: str) -> None:
    lines = [line for line in _read(requirements).splitlines() if line and not line.startswith(("#", "-r "))]
    assert [line for line in lines if not PIN.match(line)] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-uv.lock"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", _read(lock))
    packages = [entry for entry in entries if PIN.match(entry)]
    assert packages
    assert [entry.splitlines()[0] for entry in packages if "--hash=sha256:" not in entry] == []


def test_tests_run_on_the_versions_that_users_get() -> None:
    assert _pins(_read("requirements.lock")) <= _pins(_read("requirements-dev.lock"))


def test_the_build_backend_is_the_locked_one() -> None:
    match = re.search(r'requires = \["hatchling==([^"]+)"\]', _read("pyproject.toml"))
    assert match is not None
    assert ("hatchling", match.group(1)) in _pins(_read("requirements.lock"))
