from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

from tieout.local.environment import Home, Ports, read_env_file


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    home = Home(folder=tmp_path / "home")
    home.prepare()
    first = home.environment({})
    home.prepare()
    assert home.environment({}) == first
    assert _mode(home.folder) == _mode(home.folder / "xcom") == 0o700
    assert _mode(home.folder / "secrets.json") == _mode(home.folder / "passwords.json") == 0o600


def test_the_token_secret_is_long_enough_for_its_algorithm(tmp_path: Path) -> None:
    home = Home(folder=tmp_path)
    home.prepare()
    assert len(home.environment({})["AIRFLOW__API_AUTH__JWT_SECRET"].encode()) >= 64


def test_two_homes_have_different_secrets(tmp_path: Path) -> None:
    keys = []
    for name in ("a", "b"):
        home = Home(folder=tmp_path / name)
        home.prepare()
        keys.append(home.environment({})["AIRFLOW__CORE__FERNET_KEY"])
    assert keys[0] != keys[1]


def test_secrets_that_were_cut_off_are_made_again(tmp_path: Path) -> None:
    home = Home(folder=tmp_path)
    (tmp_path / "secrets.json").write_text('{"fernet_key": "x')
    home.prepare()
    made = json.loads((tmp_path / "secrets.json").read_text())
    assert made.keys() == {"fernet_key", "api_secret", "jwt_secret", "password"}


def test_our_variables_win_over_those_of_the_shell(tmp_path: Path) -> None:
    home = Home(folder=tmp_path)
    home.prepare()
    shell = {"AIRFLOW_HOME": "/elsewhere", "AIRFLOW__CORE__DAGS_FOLDER": "/elsewhere", "HOME": "/me"}
    environment = home.environment(shell)
    assert environment["AIRFLOW_HOME"] == str(tmp_path)
    assert environment["AIRFLOW__CORE__DAGS_FOLDER"] == str(home.project / "dags")
    assert environment["HOME"] == "/me"


def test_a_moved_web_server_is_where_tasks_look_for_it(tmp_path: Path) -> None:
    home = Home(folder=tmp_path)
    home.prepare()
    environment = home.environment({}, Ports(api=9191))
    assert environment["AIRFLOW__API__PORT"] == "9191"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:9191/execution/"


def test_the_web_server_is_reachable_from_this_machine_only(tmp_path: Path) -> None:
    home = Home(folder=tmp_path)
    home.prepare()
    assert home.environment({})["AIRFLOW__API__HOST"] == "127.0.0.1"


def test_a_proxy_of_the_shell_is_not_used_for_this_machine(tmp_path: Path) -> None:
    home = Home(folder=tmp_path)
    home.prepare()
    environment = home.environment({"HTTP_PROXY": "http://proxy.example:3128", "NO_PROXY": "intranet.example"})
    assert environment["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"


def test_env_file_gives_names_and_values_without_quotes_and_comments(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# a comment\nA=1\nexport B='two words'\nC=\"x=y\"\n\nnot a setting\n#D=4\n")
    assert read_env_file(path) == {"A": "1", "B": "two words", "C": "x=y"}
    assert read_env_file(tmp_path / "missing") == {}


def test_batches_of_long_ago_are_deleted_and_recent_ones_kept(tmp_path: Path) -> None:
    home = Home(folder=tmp_path)
    home.prepare()
    folder = tmp_path / "xcom" / "dag" / "run"
    folder.mkdir(parents=True)
    for name in ("old", "new"):
        (folder / name).write_text("{}")
    month_ago = time.time() - 31 * 86_400
    os.utime(folder / "old", (month_ago, month_ago))
    assert home.sweep(days=30) == 1
    assert [path.name for path in folder.iterdir()] == ["new"]
