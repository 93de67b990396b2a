"""``bin/sbom``: what Tieout is installed with, as a CycloneDX 1.6 document, from ``requirements.lock`` alone.

The same lock and installation give the same document, byte for byte. Licences are those that the packages' own metadata
name, where they are installed; the hashes of every file that may be installed stand in the lock.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "requirements.lock"
_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+))?"
)
_OURS = "requirements.txt"


@dataclass
class Package:
    """One entry of the lock. ``needed_by`` are the packages that brought it in; ``marker`` says where it is installed,
    if not everywhere."""

    name: str
    version: str
    marker: str = ""
    hashes: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def packages_of(lock: str) -> list[Package]:
    """The entries of a lock as ``uv pip compile --generate-hashes`` writes it, in its order."""
    found: list[Package] = []
    for line in lock.splitlines():
        text = line.strip()
        if pin := _PIN.match(line):
            found.append(Package(normalised(pin["name"]), pin["version"], (pin["marker"] or "").strip()))
        elif text.startswith("--hash=sha256:"):
            found[-1].hashes.append(text.removeprefix("--hash=sha256:").removesuffix("\\").strip())
        elif found and line.startswith("    #"):
            by = text.lstrip("# ").removeprefix("via").strip()
            found[-1].needed_by += [by.removeprefix("-r ")] if by else []
    return found


def licences_of(name: str) -> list[str]:
    """What the installed package says of itself: an SPDX expression, else its classifiers, else its own words."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    if expression := told.get_all("License-Expression"):
        return expression
    classes = [one.split(" :: ")[-1] for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    own = "\n".join(told.get_all("License") or []).strip().splitlines()
    return [one for one in classes if one not in {"OSI Approved", "DFSG approved"}] or own[:1]


def document(packages: list[Package]) -> dict[str, Any]:
    """The CycloneDX document."""
    ours = Package("tieout", metadata.version("tieout"))
    refs: dict[str, list[Package]] = {}
    for one in packages:
        refs.setdefault(one.name, []).append(one)  # some stand there in two versions, for different Pythons
    needs: dict[str, list[str]] = {one.purl: [] for one in (ours, *packages)}
    for one in packages:
        for by in one.needed_by:
            for parent in [ours] if by == _OURS else refs.get(normalised(by), []):
                needs[parent.purl].append(one.purl)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, "|".join(one.purl for one in packages))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours.purl,
                "name": ours.name,
                "version": ours.version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [_component(one) for one in packages],
        "dependencies": [{"ref": name, "dependsOn": sorted(brought)} for name, brought in needs.items()],
    }


def _component(one: Package) -> dict[str, Any]:
    told = [{"license": {"name": name}} for name in licences_of(one.name)]
    marker = [{"name": "tieout:marker", "value": one.marker}] if one.marker else []
    return {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        **({"licenses": told} if told else {}),
        "properties": [*marker, {"name": "tieout:files-locked-by-sha256", "value": str(len(one.hashes))}],
    }


def main() -> int:
    sys.stdout.write(json.dumps(document(packages_of(LOCK.read_text())), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
