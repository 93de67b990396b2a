from __future__ import annotations

from pathlib import Path

import pytest

from tieout.local.environment import ROOT, Home
from tieout.local.prepare import settings_of
from tieout.local.settings_file import BadSettingsFile, PoolEntry, read


def _problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    path = tmp_path / "airflow_settings.yaml"
    path.write_text(text)
    with pytest.raises(BadSettingsFile) as caught:
        read(path)
    return caught.value.problems


def test_the_shipped_file_has_the_connections_and_pools_of_the_demo() -> None:
    settings = read(ROOT / "airflow_settings.yaml")
    assert [c.conn_id for c in settings.connections] == [
        "sage_intacct_default",
        "hubspot_default",
        "smtp_default",
        "slack_default",
        "tieout_state",
    ]
    assert {(p.name, p.slots) for p in settings.pools} == {("intacct", 2), ("hubspot", 4)}
    intacct = settings.connection("sage_intacct_default")
    assert intacct is not None
    assert intacct.extra["company_id"] == "brightwater-demo"


def test_every_problem_is_reported_at_once_with_its_key(tmp_path: Path) -> None:
    problems = _problems(
        tmp_path,
        """
airflow:
  connections:
    - conn_id: a
      host: example.com
    - conn_type: http
    - conn_id: b
      conn_type: http
      conn_port: many
      conn_extra: {TokenName: x}
    - conn_id: b
      conn_type: http
  pools:
    - pool_name: p
      pool_slot: 0
  variables: {a: b}
  datasets: []
""",
    )
    told = "\n".join(problems)
    assert "airflow.connections[1].host: is not known; did you mean conn_host?" in told
    assert "airflow.connections[2].conn_id: is missing" in told
    assert "airflow.connections[3].conn_port: must be a whole number" in told
    assert "airflow.pools[1].pool_slot: must be a whole number of at least 1" in told
    assert "airflow.variables: must be a list" in told
    assert "airflow.datasets: is not known" in told


def test_upper_case_extras_are_refused_because_astro_lowers_them(tmp_path: Path) -> None:
    problems = _problems(
        tmp_path, "airflow: {connections: [{conn_id: a, conn_type: http, conn_extra: {CompanyId: x}}]}"
    )
    assert problems == (
        "airflow.connections[1].conn_extra.CompanyId: must be lower case, because the Astro CLI makes it so",
    )


def test_a_connection_is_given_by_uri_or_by_fields_but_not_both(tmp_path: Path) -> None:
    problems = _problems(tmp_path, "airflow: {connections: [{conn_id: a, conn_uri: 'http://x', conn_host: y}]}")
    assert problems == ("airflow.connections[1].conn_uri: stands alone; remove it, or remove conn_host",)


def test_names_that_occur_twice_are_refused(tmp_path: Path) -> None:
    problems = _problems(tmp_path, "airflow: {pools: [{pool_name: p, pool_slot: 1}, {pool_name: p, pool_slot: 2}]}")
    assert problems == ("airflow.pools: pool_name p occurs 2 times; keep one",)


def test_problems_and_reprs_never_show_a_password(tmp_path: Path) -> None:
    secret = "hunter2-hunter2"
    problems = _problems(
        tmp_path,
        f"airflow: {{connections: [{{conn_id: a, conn_password: {secret}, conn_extra: {{Secret: {secret}}}}}]}}",
    )
    assert secret not in "\n".join(problems)
    path = tmp_path / "good.yaml"
    path.write_text(f"airflow: {{connections: [{{conn_id: a, conn_type: http, conn_password: {secret}}}]}}")
    assert secret not in repr(read(path))


@pytest.mark.parametrize("text", ["", "airflow:", "- a", "airflow: [", "other: {}"])
def test_a_file_that_is_no_settings_file_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    assert len(_problems(tmp_path, text)) == 1


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSettingsFile, match="cannot be read"):
        read(tmp_path / "airflow_settings.yaml")


def test_numbers_are_taken_as_text_where_text_belongs_and_json_text_as_extra(tmp_path: Path) -> None:
    path = tmp_path / "airflow_settings.yaml"
    path.write_text(
        'airflow: {connections: [{conn_id: a, conn_type: http, conn_login: 12, conn_extra: \'{"tier": "free"}\'}]}'
    )
    entry = read(path).connections[0]
    assert (entry.login, entry.extra) == ("12", {"tier": "free"})


def test_twins_on_another_port_move_the_connections_and_nothing_else() -> None:
    moved, usual = settings_of(Home(), 9100, 9200), settings_of(Home())
    hosts = {entry.conn_id: entry.host for entry in moved.connections}
    assert hosts == {
        "sage_intacct_default": "http://127.0.0.1:9100/ia/xml/xmlgw.phtml",
        "hubspot_default": "http://127.0.0.1:9100",
        "smtp_default": "127.0.0.1",
        "slack_default": "http://127.0.0.1:9100/slack/services",
        "tieout_state": "sqlite:///.airflow/tieout.db",
    }
    assert [c.extra for c in moved.connections] == [c.extra for c in usual.connections]
    assert {entry.conn_id: entry.port for entry in moved.connections if entry.port} == {"smtp_default": 9200}


def test_what_the_file_says_anew_is_taken_over_and_what_a_person_changed_in_airflow_is_kept(airflow_db: Home) -> None:
    from airflow.models.connection import Connection
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from tieout.local.applying import apply_settings
    from tieout.local.settings_file import ConnectionEntry, SettingsFile

    remembered = airflow_db.folder / "applied-in-a-test.json"

    def apply(settings: SettingsFile, *, only_twins: bool = False) -> list[str]:
        return apply_settings(settings, remembered, only_twins=only_twins)

    def stored() -> tuple[list[tuple[str, str | None, str | None, str | None]], list[tuple[str, int]]]:
        with create_session() as session:
            rows = session.scalars(select(Connection).where(Connection.conn_id.like("applied_%"))).all()
            pools = session.scalars(select(Pool).where(Pool.pool == "applied")).all()
            connections = [(row.conn_id, row.host, row.password, row.extra) for row in rows]
            return connections, [(pool.pool, pool.slots) for pool in pools]

    def settings(password: str, slots: int) -> SettingsFile:
        entry = ConnectionEntry("applied_a", "http", host="h", password=password, extra={"k": "v"})
        return SettingsFile((entry,), (PoolEntry("applied", slots, "for a test"),))

    assert apply(settings("first-password", 2)) == []
    once = stored()
    assert apply(settings("first-password", 2)) == []
    assert stored() == once
    assert apply(settings("second-password", 3)) == []
    assert stored() == ([("applied_a", "h", "second-password", '{"k": "v"}')], [("applied", 3)])
    assert "second-password" not in remembered.read_text()

    # A person gives the pool more slots and the connection another host.
    with create_session() as session:
        Pool.create_or_update_pool("applied", 7, "mine", include_deferred=False, session=session)
        session.scalars(select(Connection).where(Connection.conn_id == "applied_a")).one().host = "mine"
    changed = [("applied_a", "mine", "second-password", '{"k": "v"}')]
    told = apply(settings("second-password", 3))
    assert stored() == (changed, [("applied", 7)])
    assert ["applied_a stays as you changed it" in told[0], "keeps the 7 slots" in told[1]] == [True, True]

    # The demo keeps the pool, and leads the connection back.
    told = apply(settings("second-password", 3), only_twins=True)
    assert stored() == ([("applied_a", "h", "second-password", '{"k": "v"}')], [("applied", 7)])
    assert "the demo acts on the twins alone" in told[0]
    assert apply(settings("second-password", 4)) == []
    assert stored()[1] == [("applied", 4)]
