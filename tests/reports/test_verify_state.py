"""A pack that was forged consistently, manifest and all, shows where the state database stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from include.reports.close_tables import COLUMNS, table
from include.reports.manifest import differences, read_manifest, write_manifest
from include.reports.spreadsheets import write_csv
from include.reports.verify import main
from include.reports.verify_state import FLOW, disagreements
from include.state.approvals import Approval
from include.state.migrate import migrate
from include.state.store import StateStore, open_store

ACCEPTED = Approval(FLOW, "run-1", "100:FY2026-P10", "100:FY2026-P10:holds:c0ffee", "c0ffee", "Open holds: 1.", "ada")
ABOUT = {"entity": "100", "period": "FY2026 P10", "made_at": "2999-01-01T00:00:00+00:00", "previous": None}


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    migrate(url)
    return url


@pytest.fixture
def store(url: str) -> StateStore:
    store = open_store(url)
    store.put_approvals([ACCEPTED])
    return store


def fill(folder: Path, approvals: list[Approval], previous: dict[str, str] | None = None) -> str:
    """A pack with these approvals, or the same one made anew; its manifest's hash."""
    folder.mkdir(exist_ok=True)
    names = [one.name for one in COLUMNS["approvals"]]
    values = {"given_at": None, "in_period": True, "flow": FLOW, "run": "run-1", "subject": "s", "what": "w"}
    rows = [
        tuple(
            {**values, "approved_by": a.approved_by, "approved": a.token, "content_hash": a.content_hash}[n]
            for n in names
        )
        for a in approvals
    ]
    write_csv(folder / "approvals.csv", table("approvals", rows))
    return write_manifest(folder, {**ABOUT, "previous": previous})


@pytest.fixture
def packs(tmp_path: Path, store: StateStore) -> list[Path]:
    """Two packs, each noted by the run that made it, the second by a later run as well."""
    made = [tmp_path / f"100-FY2026-P10-{number:03}" for number in (1, 2)]
    first = fill(made[0], [ACCEPTED])
    second = fill(made[1], [ACCEPTED], {"pack": made[0].name, "sha256": first})
    store.put_note(FLOW, "run-1", {"folders": {made[0].name: first}})
    store.put_note(FLOW, "run-2", {"folders": {made[1].name: second}})
    store.put_note(FLOW, "run-3", {"folders": {made[1].name: second}})
    return made


def test_packs_that_are_as_their_runs_noted_them_agree(
    packs: list[Path], store: StateStore, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [disagreements(one, store) for one in packs] == [[], []]
    assert main([*map(str, packs), "--state-url", url]) == 0
    assert capsys.readouterr().out.count("the state database has the same") == 2
    assert main([str(packs[0])]) == 0
    assert "not compared with a state database" in capsys.readouterr().out


def test_the_newest_pack_forged_with_its_manifest_is_noticed_also_from_an_older_one(
    packs: list[Path], url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told, _ = read_manifest(packs[1])
    (packs[1] / "figures.csv").write_text("figure\n")
    write_manifest(packs[1], {name: value for name, value in told.items() if name != "files"})
    assert differences(packs[1]) == []
    for one in packs:
        assert main([str(one), "--state-url", url]) == 1
        assert f"{packs[1].name}: its manifest is " in capsys.readouterr().out


def test_a_chain_forged_from_the_first_pack_on_is_noticed(packs: list[Path], store: StateStore) -> None:
    first = fill(packs[0], [])
    fill(packs[1], [ACCEPTED], {"pack": packs[0].name, "sha256": first})
    assert differences(packs[1]) == differences(packs[0]) == []
    assert len([one for one in disagreements(packs[0], store) if "its manifest is" in one]) == 2


def test_a_pack_that_no_run_made_and_one_that_is_gone_are_told(
    packs: list[Path], store: StateStore, tmp_path: Path
) -> None:
    _, second = read_manifest(packs[1])
    made = tmp_path / "100-FY2026-P10-003"
    fill(made, [ACCEPTED], {"pack": packs[1].name, "sha256": second})
    assert disagreements(packs[0], store) == [f"{made.name}: no run in the state database made it"]
    store.put_note(FLOW, "run-4", {"folders": {"100-FY2026-P10-004": "0"}})
    assert "100-FY2026-P10-004: a run made it, and it is gone" in disagreements(made, store)
    store.put_note(FLOW, "other", {"folders": {"200-FY2026-P10-001": "0"}})
    assert not [one for one in disagreements(made, store) if one.startswith("200")]


def test_an_acceptance_that_nobody_gave_and_one_that_is_left_out_are_told(packs: list[Path], store: StateStore) -> None:
    forged = replace(ACCEPTED, approved_by="grace")
    fill(packs[1], [forged])
    assert f"{packs[1].name}: the approval {ACCEPTED.token} by grace is not in the state database" in disagreements(
        packs[1], store
    )
    fill(packs[1], [])
    assert f"{packs[1].name}: it leaves out that ada accepted {ACCEPTED.token}" in disagreements(packs[1], store)


def test_a_name_that_a_spreadsheet_would_calculate_is_still_the_same(packs: list[Path], store: StateStore) -> None:
    odd = replace(ACCEPTED, run_id="run-9", approved_by="=ada")
    store.put_approvals([odd])
    fill(packs[1], [ACCEPTED, odd])
    assert not [one for one in disagreements(packs[1], store) if "approval" in one]
