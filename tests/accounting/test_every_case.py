"""All 74 cases and 13 invariants are tested, and docs/reference/accounting-rules.md says the truth about them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from include.core.changed_deal_table import CHANGES, TABLE

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOC = (ROOT / "docs" / "reference" / "accounting-rules.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| (.+) \| (.+) \| (flow|rule|flow, rule) \| (.+) \|$", DOC, re.MULTILINE)


def _tests() -> dict[str, bool]:
    """Test -> whether it is marked as a rule that no flow carries out yet."""
    return {
        node.name: any("rule_only" in ast.unparse(decorator) for decorator in node.decorator_list)
        for path in sorted(HERE.glob("test_*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


TESTS = _tests()


def test_each_of_the_74_cases_has_a_test_with_its_number() -> None:
    numbers = {int(found[1]) for name in TESTS if (found := re.match(r"test_case_(\d\d)_", name))}
    assert numbers == set(range(1, 75))


def test_the_document_lists_every_case_once_with_tests_of_its_number_that_exist() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 75))
    for number, _, _, _, named in ROWS:
        names = re.findall(r"`(\w+)`", named)
        assert names
        for name in names:
            assert name in TESTS
            assert name.startswith(f"test_case_{int(number):02}_")


def test_the_document_says_which_rules_no_flow_carries_out_yet() -> None:
    for number, _, _, stands_in, _ in ROWS:
        own = {marked for name, marked in TESTS.items() if name.startswith(f"test_case_{int(number):02}_")}
        assert (number, stands_in) == (number, {(True,): "rule", (False,): "flow"}.get(tuple(own), "flow, rule"))


def test_every_test_that_the_document_names_exists() -> None:
    """Also those of the invariants, and the files of the tests elsewhere."""
    assert set(re.findall(r"`(test_\w+)`", DOC)) <= set(TESTS)
    for path in re.findall(r"`((?:tests|include|docs)/[\w/.]+)`", DOC):
        assert (ROOT / path).exists(), path
    for number in range(1, 13):
        assert any(re.search(rf"^test_invariant_(\d+_and_)?{number}_", name) for name in TESTS), number


def test_the_document_shows_the_table_of_changed_deals_as_it_is() -> None:
    for (state, period), row in TABLE.items():
        cells = " | ".join(row[change].replace(" | ", " or ") for change in CHANGES)
        assert f"| {state} | {period} | {cells} |" in DOC
