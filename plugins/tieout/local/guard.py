"""Keeps the demo away from real companies: it may only use connections that lead to the twins on this machine."""

from __future__ import annotations

from pathlib import Path

from tieout.local.environment import ROOT, Ports
from tieout.local.settings_file import SettingsFile

_SQLITE = "sqlite:///"


class NotTheTwins(Exception):
    """A connection of the settings file leads elsewhere; the message names it and says what to do."""


def refuse_other_systems(settings: SettingsFile) -> Path:
    """The state's file. Raises ``NotTheTwins`` unless it is one of ours and both systems are the twins."""
    twins = f"http://127.0.0.1:{Ports().sandbox}"
    problems = []
    for conn_id in ("sage_intacct_default", "hubspot_default"):
        entry = settings.connection(conn_id)
        host = (entry.host if entry else None) or ""
        if host != twins and not host.startswith(twins + "/"):
            problems.append(f"{conn_id} leads to {host or 'nowhere'}, not to {twins}")
    problems += _other_receivers(settings, twins)
    state = settings.connection("tieout_state")
    host = (state.host if state else None) or ""
    if not host.startswith(_SQLITE) or ROOT / ".airflow" not in state_path(host).parents:
        problems.append("tieout_state is not a SQLite file in .airflow")
    if problems:
        raise NotTheTwins(
            "bin/demo works with the twins alone, but in airflow_settings.yaml:\n  "
            + "\n  ".join(problems)
            + "\nPut the file back as it was, and keep your own connections in .env (see .env.example)."
        )
    return state_path(host)


def _other_receivers(settings: SettingsFile, twins: str) -> list[str]:
    """Notices may be missing, but must not leave this machine."""
    problems = []
    mail, slack = settings.connection("smtp_default"), settings.connection("slack_default")
    if mail is not None and (mail.host, mail.port) != ("127.0.0.1", Ports().mail):
        problems.append(f"smtp_default does not lead to 127.0.0.1, port {Ports().mail}")
    if slack is not None and not ((slack.host or "").startswith(twins + "/") and "://" not in (slack.password or "")):
        problems.append(f"slack_default does not lead to {twins}")
    return problems


def state_path(host: str) -> Path:
    """The file that a ``tieout_state`` connection's ``sqlite:///`` host means; relative to the project."""
    return (ROOT / host.removeprefix(_SQLITE)).resolve()
