from __future__ import annotations

from dataclasses import replace

import pytest

from tieout.local.environment import ROOT, Home
from tieout.local.guard import NotTheTwins, refuse_other_systems
from tieout.local.prepare import settings_of
from tieout.local.settings_file import SettingsFile


def _with(conn_id: str, host: str | None) -> SettingsFile:
    settings = settings_of(Home())
    connections = tuple(replace(c, host=host) if c.conn_id == conn_id else c for c in settings.connections)
    return replace(settings, connections=connections)


def test_the_shipped_settings_lead_to_the_twins_and_to_a_file_of_ours() -> None:
    assert refuse_other_systems(settings_of(Home())) == ROOT / ".airflow" / "tieout.db"


@pytest.mark.parametrize(
    ("conn_id", "host"),
    [
        ("hubspot_default", "https://api.hubapi.com"),
        ("hubspot_default", "http://127.0.0.1:87650"),
        ("hubspot_default", "http://127.0.0.1:8765@evil.example/"),
        ("hubspot_default", None),
        ("sage_intacct_default", "https://api.intacct.com/ia/xml/xmlgw.phtml"),
        ("smtp_default", "smtp.company.example"),
        ("slack_default", "https://hooks.slack.com/services"),
        ("slack_default", "http://127.0.0.1:8765@evil.example/"),
        ("tieout_state", "postgresql://db.example/tieout"),
        ("tieout_state", "sqlite:////var/lib/tieout.db"),
        ("tieout_state", "sqlite:///.airflow/../tieout.db"),
    ],
)
def test_the_demo_refuses_a_connection_that_leads_elsewhere(conn_id: str, host: str | None) -> None:
    with pytest.raises(NotTheTwins, match=conn_id):
        refuse_other_systems(_with(conn_id, host))


def test_the_demo_refuses_settings_that_lack_a_connection() -> None:
    with pytest.raises(NotTheTwins) as caught:
        refuse_other_systems(SettingsFile())
    for conn_id in ("sage_intacct_default", "hubspot_default", "tieout_state"):
        assert conn_id in str(caught.value)
