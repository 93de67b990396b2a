"""Airflow's connections to a demo company, as a person would fill them in."""

from __future__ import annotations

from typing import Any

from tests.flows.office import SENDER, Office


def airflow_connections(demo: Office) -> dict[str, dict[str, Any]]:
    """By the name that follows ``AIRFLOW_CONN_``; without Slack, and without a login of the mail server."""
    intacct, hubspot, mail = demo.sandbox.intacct, demo.sandbox.hubspot, demo.sandbox.mail
    return {
        "SAGE_INTACCT_DEFAULT": {
            "conn_type": "sage_intacct",
            "host": intacct.url,
            "login": intacct.user_id,
            "password": intacct.user_password,
            "extra": {
                "company_id": intacct.company_id,
                "sender_id": intacct.sender_id,
                "sender_password": intacct.sender_password,
            },
        },
        "HUBSPOT_DEFAULT": {"conn_type": "hubspot", "host": hubspot.url, "password": hubspot.token},
        "SMTP_DEFAULT": {
            "conn_type": "smtp",
            "host": mail.host,
            "port": mail.port,
            "extra": {"from_email": SENDER, "disable_ssl": True, "disable_tls": True},
        },
        "TIEOUT_STATE": {"conn_type": "tieout_state", "host": demo.state_url},
    }
