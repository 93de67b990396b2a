"""The page on security: what it names is there, and the numbers in it are those of the tests."""

from __future__ import annotations

import re
from pathlib import Path

from tests.connectors.hubspot.test_paging import HOSTILE as LINKS
from tests.connectors.intacct.test_endpoint import HOSTILE as ENDPOINTS
from tests.security.hostile_strings import HOSTILE
from tests.security.test_redirections import BESIDE
from tests.security.xml_attacks import attacks

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()


def test_every_test_of_security_is_named_and_every_named_one_is_there() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", PAGE))
    assert named == {path.name for path in (ROOT / "tests" / "security").glob("test_*.py")}


def test_the_numbers_are_those_of_the_tests() -> None:
    assert f"{len({*LINKS, *ENDPOINTS, *BESIDE})} addresses" in PAGE
    assert f"{len(HOSTILE)} strings" in PAGE
    assert f"{len(attacks('file:///x', 'http://127.0.0.1/'))} kinds of attack" in PAGE


def test_readme_and_guide_lead_to_the_page() -> None:
    assert "(docs/security.md)" in (ROOT / "README.md").read_text()
    assert "(../security.md)" in (ROOT / "docs" / "how-to" / "go-live.md").read_text()
