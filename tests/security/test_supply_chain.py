"""What is installed: exactly what the locks say, by hash, under licences that we know, and listed in the bill of
materials. The locks themselves: ``tests/test_lock.py``."""

from __future__ import annotations

import json
import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from tieout.local.sbom import LOCK, document, licences_of, normalised, packages_of

ROOT = Path(__file__).resolve().parents[2]

KNOWN = {
    *("MIT", "MIT-0", "MIT License", "Apache-2.0", "Apache Software License", "Apache License 2.0"),
    *("BSD License", "BSD", "BSD-2-Clause", "BSD-3-Clause", "3-Clause BSD License", "0BSD", "Zlib", "CC0-1.0"),
    *("ISC", "ISC License (ISCL)", "PSF-2.0", "Python Software Foundation License", "The Unlicense (Unlicense)"),
    *("MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)"),
}
CHOSEN_WITH_CARE = {
    "psycopg2-binary": "LGPL with an exception; used unchanged, as a library of its own",
    "text-unidecode": "Artistic License, or the GPL if one prefers",
}
"""Packages under other licences, and why they may be here."""


@pytest.fixture(scope="module")
def made() -> dict[str, object]:
    return document(packages_of(LOCK.read_text()))


def test_the_bill_of_materials_lists_each_package_of_the_lock_with_its_version() -> None:
    done = subprocess.run([ROOT / "bin" / "sbom"], capture_output=True, check=True, text=True, cwd=ROOT)
    told = json.loads(done.stdout)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    pinned = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[.*?\])?==([^\s;\\]+)", LOCK.read_text(), re.MULTILINE)
    assert len(pinned) > 100
    assert [(one["name"], one["version"]) for one in told["components"]] == [(normalised(n), v) for n, v in pinned]
    refs = {told["metadata"]["component"]["bom-ref"], *(one["bom-ref"] for one in told["components"])}
    assert len(refs) == len(pinned) + 1
    assert {one["ref"] for one in told["dependencies"]} == refs
    needed = {ref for one in told["dependencies"] for ref in one["dependsOn"]}
    assert needed == refs - {told["metadata"]["component"]["bom-ref"]}


def test_every_installed_package_of_the_lock_is_the_locked_version() -> None:
    locked: dict[str, set[str]] = {}
    for one in packages_of(LOCK.read_text()):
        locked.setdefault(one.name, set()).add(one.version)
    installed = {normalised(one.metadata["Name"]): one.version for one in metadata.distributions()}
    wrong = {name: installed[name] for name in locked.keys() & installed.keys() if installed[name] not in locked[name]}
    assert wrong == {}


def test_every_package_is_under_a_licence_that_we_know() -> None:
    names = {one.name for one in packages_of(LOCK.read_text())}
    installed = {normalised(one.metadata["Name"]) for one in metadata.distributions()}
    unexpected = {}
    for name in sorted(names & installed - CHOSEN_WITH_CARE.keys()):
        told = licences_of(name)
        parts = [part for one in told for part in re.split(r" (?:AND|OR) |;", one)]
        if not parts or not KNOWN.issuperset(parts):
            unexpected[name] = told
    assert unexpected == {}


def test_whatever_we_install_is_checked_by_its_hash() -> None:
    """The project itself comes from this folder, with nothing from an index."""
    code = (ROOT / "plugins" / "tieout" / "local" / "virtual_environment.py").read_text()
    for installed in re.findall(r"_pip\(\[(.*?)\]", code):
        assert "--require-hashes" in installed or "--no-deps" in installed
    assert '"--require-hashes"' in code
    image = (ROOT / "Dockerfile").read_text()
    assert all("--no-deps" in line for line in image.splitlines() if "pip install" in line)
    others = [path for folder in ("bin", ".ci") for path in (ROOT / folder).iterdir() if path.is_file()]
    assert [path.name for path in others if re.search(r"\b(pip|uv) install\b|curl |wget ", path.read_text())] == []


@pytest.mark.parametrize(
    ("name", "least"),
    [("lxml", (5, 0)), ("requests", (2, 32)), ("urllib3", (2, 2)), ("cryptography", (42, 0)), ("pyyaml", (5, 4))],
)
def test_what_meets_untrusted_input_is_new_enough(name: str, least: tuple[int, int]) -> None:
    """Below these versions, known holes would undo what is tested here: entities, redirects with credentials, YAML."""
    version = tuple(int(part) for part in re.findall(r"\d+", metadata.version(name))[:2])
    assert version >= least
