"""The 74 cases, the table of changed deals and the invariants. No system is called here, and nothing is slow."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "rule_only: the rule and its test stand, and no flow carries it out yet (docs say the same)"
    )
