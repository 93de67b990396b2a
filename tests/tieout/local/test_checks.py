"""``bin/check`` says what it can check, and takes no name for another."""

from __future__ import annotations

import pytest

from tieout.local.checks import CHECKS, main


def test_a_name_that_no_check_has_is_an_error_that_lists_the_names(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["airflow_settings.yaml", "nonsense"])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no check has 'nonsense' in its name" in said.err
    assert all(check.name in said.err for check in CHECKS)


def test_help_lists_the_checks_and_runs_none(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: bin/check")
    assert all(check.name in said for check in CHECKS)
    assert "passed" not in said


def test_part_of_a_name_runs_that_check_alone(capsys):
    assert main(["airflow_settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("airflow_settings.yaml") for line in lines] == [True, False]
    assert lines[-1] == "1 of 1 checks passed"
