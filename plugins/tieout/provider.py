"""What Airflow reads to know our connection types (entry point ``apache_airflow_provider``)."""

from __future__ import annotations

from typing import Any

Field = dict[str, Any]


def get_provider_info() -> dict[str, Any]:
    """The provider manifest. ``package-name`` must equal the distribution's name in pyproject.toml."""
    return {
        "package-name": "tieout",
        "name": "Tieout",
        "description": "Sage Intacct and HubSpot, kept in agreement",
        "versions": ["0.1.0"],
        "connection-types": [_intacct(), _hubspot(), _state()],
    }


def _intacct() -> dict[str, Any]:
    return {
        "connection-type": "sage_intacct",
        "hook-class-name": "tieout.hooks.intacct.IntacctHook",
        "hook-name": "Sage Intacct",
        "ui-field-behaviour": {
            "hidden-fields": ["port", "schema"],
            "relabeling": {
                "host": "Gateway address",
                "login": "Web services user",
                "password": "User password",
            },
            "placeholders": {
                "host": "https://api.intacct.com/ia/xml/xmlgw.phtml",
                "login": "the user id, not an e-mail address",
                "extra": "Not needed: the fields above are kept here.",
            },
        },
        "conn-fields": {
            "company_id": _text("Company ID", "The company as typed at Intacct's sign-in page"),
            "sender_id": _text("Sender ID", "From the Web Services developer licence"),
            "sender_password": _secret("Sender password", "From the Web Services developer licence"),
            "entity_id": _text("Entity", "Log in to this entity only; leave empty for the top level"),
            "request_deadline": _number("Request deadline", "Seconds one request may take in all", 300),
            "concurrency": _number("Concurrent requests", "How many your Intacct contract allows at once", 2),
        },
    }


def _hubspot() -> dict[str, Any]:
    return {
        "connection-type": "hubspot",
        "hook-class-name": "tieout.hooks.hubspot.HubSpotHook",
        "hook-name": "HubSpot",
        "ui-field-behaviour": {
            "hidden-fields": ["port", "schema", "login"],
            "relabeling": {"host": "API address", "password": "Access token"},
            "placeholders": {
                "host": "https://api.hubapi.com",
                "password": "a service key or private app token, pat-...",
                "extra": "Not needed: the fields above are kept here.",
            },
        },
        "conn-fields": {
            "api_version": _choice(
                "API version", "The dated release of the API, or v3", ["2026-09", "2026-03", "v3"], "2026-09"
            ),
            "tier": _choice(
                "HubSpot tier",
                "Decides the call limits that Tieout keeps to",
                ["free", "starter", "professional", "enterprise"],
                "professional",
            ),
            "request_deadline": _number("Request deadline", "Seconds one request may take in all", 120),
        },
    }


def _state() -> dict[str, Any]:
    return {
        "connection-type": "tieout_state",
        "hook-class-name": "tieout.hooks.state.StateHook",
        "hook-name": "Tieout state",
        "ui-field-behaviour": {
            "hidden-fields": [],
            "relabeling": {"host": "Host, or a whole SQLAlchemy URL", "schema": "Database"},
            "placeholders": {
                "host": "sqlite:///.airflow/tieout.db, or db.example",
                "login": "empty for SQLite",
                "port": "5432",
                "schema": "tieout",
            },
        },
        "conn-fields": {},
    }


def _text(label: str, description: str) -> Field:
    return {"label": label, "description": description, "schema": {"type": ["string", "null"]}}


def _secret(label: str, description: str) -> Field:
    return {
        "label": label,
        "description": description,
        "schema": {"type": ["string", "null"], "format": "password"},
    }


def _number(label: str, description: str, default: int) -> Field:
    schema = {"type": ["integer", "null"], "default": default, "minimum": 1}
    return {"label": label, "description": description, "schema": schema}


def _choice(label: str, description: str, allowed: list[str], default: str | None) -> Field:
    schema = {"type": ["string", "null"], "enum": allowed, "default": default}
    return {"label": label, "description": description, "schema": schema}
