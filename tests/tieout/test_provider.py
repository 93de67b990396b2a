from __future__ import annotations

import importlib
import json
from importlib import metadata
from typing import Any

import pytest

from tieout.local.environment import Home
from tieout.provider import get_provider_info

TYPES = {row["connection-type"]: row for row in get_provider_info()["connection-types"]}


def test_airflow_finds_the_manifest_through_the_installed_package() -> None:
    points = [p for p in metadata.entry_points(group="apache_airflow_provider") if p.module == "tieout.provider"]
    assert len(points) == 1
    assert points[0].load()() == get_provider_info()


def test_the_package_name_and_version_are_those_of_the_distribution() -> None:
    info = get_provider_info()
    assert info["package-name"] == metadata.metadata("tieout")["Name"]
    assert info["versions"] == [metadata.version("tieout")]


@pytest.mark.parametrize("connection_type", TYPES)
def test_each_connection_type_has_a_hook_that_knows_it_and_can_be_tested(connection_type: str) -> None:
    row = TYPES[connection_type]
    module, _, name = row["hook-class-name"].rpartition(".")
    hook = getattr(importlib.import_module(module), name)
    assert hook.conn_type == connection_type
    assert hook.hook_name == row["hook-name"]
    assert callable(hook.test_connection)


def test_airflows_form_shows_our_fields_and_hides_secrets(airflow_db: Home) -> None:
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()
    behaviours = manager.field_behaviours
    widgets = manager.connection_form_widgets
    assert behaviours["sage_intacct"]["relabeling"]["login"] == "Web services user"
    assert set(behaviours["hubspot"]["hidden_fields"]) == {"port", "schema", "login"}
    assert _schema(widgets["extra__sage_intacct__sender_password"])["format"] == "password"
    assert _schema(widgets["extra__hubspot__tier"])["enum"] == ["free", "starter", "professional", "enterprise"]


def _schema(widget: Any) -> dict[str, Any]:
    return dict(json.loads(json.dumps(widget.field))["schema"])


def test_every_secret_field_is_named_so_that_airflow_masks_it() -> None:
    for row in TYPES.values():
        for name, field in row["conn-fields"].items():
            secret = field["schema"].get("format") == "password"
            assert secret == any(word in name for word in ("password", "secret", "token")), name


def test_the_demo_fills_in_only_fields_that_the_forms_have() -> None:
    from tieout.local.prepare import settings_of

    ours = [entry for entry in settings_of(Home()).connections if entry.conn_type in TYPES]
    assert len(ours) == 3
    for entry in ours:
        assert set(entry.extra) <= set(TYPES[entry.conn_type]["conn-fields"]), entry.conn_id
