from __future__ import annotations

from pathlib import Path

import pytest

from include.core.decisions import Hold
from include.sandbox.running import Running, running
from include.state.store import open_store
from tieout.local.company import bring_company

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    return tmp_path / "tieout.db"


def _remember(state_file: Path) -> None:
    open_store(f"sqlite:///{state_file}").put_holds("some_flow", "run", [Hold("1", "no_lines", "It has no lines.")])


def _remembered(state_file: Path) -> int:
    return len(open_store(f"sqlite:///{state_file}").open_holds("some_flow"))


def _deals(sandbox: Running) -> int:
    return int(sandbox.control.ready()["deals"])


def test_empty_twins_are_filled_and_an_old_memory_is_not_kept(state_file: Path) -> None:
    with running() as sandbox:
        bring_company(sandbox.control, state_file, 10, fresh=False)
        _remember(state_file)
        sandbox.control.reset()
        company = bring_company(sandbox.control, state_file, 10, fresh=False)
        assert company.new
        assert _deals(sandbox) == company.deals == 10
        assert _remembered(state_file) == 0


def test_a_company_of_an_earlier_run_is_gone_on_with(state_file: Path) -> None:
    with running() as sandbox:
        bring_company(sandbox.control, state_file, 10, fresh=False)
        _remember(state_file)
        company = bring_company(sandbox.control, state_file, None, fresh=False)
        assert (company.new, company.deals) == (False, 10)
        assert _remembered(state_file) == 1


def test_another_size_starts_over_and_says_so(state_file: Path) -> None:
    with running() as sandbox:
        bring_company(sandbox.control, state_file, 10, fresh=False)
        _remember(state_file)
        company = bring_company(sandbox.control, state_file, 12, fresh=False)
        assert "held a company of 10 deals and 12 were asked for: starting over" in company.story[0]
        assert (_deals(sandbox), _remembered(state_file)) == (12, 0)


def test_fresh_empties_both_books_and_memory(state_file: Path) -> None:
    with running() as sandbox:
        bring_company(sandbox.control, state_file, 10, fresh=False)
        _remember(state_file)
        company = bring_company(sandbox.control, state_file, None, fresh=True)
        assert "Starting over, as asked" in company.story[0]
        assert (_deals(sandbox), _remembered(state_file)) == (10, 0)
