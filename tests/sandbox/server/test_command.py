"""`python -m include.sandbox`, as `bin/sandbox` starts it: a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
import requests

from include.sandbox.__main__ import main
from include.sandbox.control_client import Control
from include.sandbox.ownership import owned
from include.sandbox.running import running
from include.sandbox.verify import compare

COMMAND = (sys.executable, "-m", "include.sandbox", "--port", "0")


@contextmanager
def started(*options: str, temporary: Path | None = None) -> Iterator[tuple[subprocess.Popen[str], dict]]:
    """The process and what its one line of JSON says."""
    environment = os.environ | ({"TMPDIR": str(temporary)} if temporary else {})
    process = subprocess.Popen(
        [*COMMAND, "--json", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield process, json.loads(line)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_one_line_of_json_says_where_the_twins_are_and_ctrl_c_leaves_nothing_behind(tmp_path):
    with started("--deals", "2", temporary=tmp_path) as (process, access):
        base = access["control"].removesuffix("/_sandbox")
        assert access == {
            "intacct": {
                "url": f"{base}/ia/xml/xmlgw.phtml",
                "sender_id": "tieout_sender",
                "sender_password": "demo-sender-secret",
                "company_id": "brightwater-demo",
                "user_id": "tieout_ws",
                "user_password": "demo-user-secret",
                "entities": ["100", "200", "300"],
            },
            "hubspot": {
                "url": base,
                "token": "pat-na1-demo-service-key",
                "portal_id": 48151623,
                "client_secret": "demo-client-secret",
            },
            "control": f"{base}/_sandbox",
            "mail": {
                "host": "127.0.0.1",
                "port": access["mail"]["port"],
                "login": "tieout",
                "password": "demo-mail-secret",
            },
            "slack": {"url": f"{base}/slack/services/T0TIEOUT/B0DEMO/demoWebhookSecret"},
        }
        assert base.startswith("http://127.0.0.1:")
        assert list(tmp_path.iterdir())
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)
    assert (rest, errors, process.returncode) == ("", "", 0)
    assert list(tmp_path.iterdir()) == []


def test_a_termination_stops_it_cleanly_even_while_a_call_hangs():
    with started("--empty") as (process, access):
        control = Control(access["control"])
        control.fault("stall", seconds=60)
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{access['hubspot']['url']}/crm/v3/objects/deals", timeout=0.2)
        begun = time.monotonic()
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0
        assert time.monotonic() - begun < 10


def test_data_in_a_folder_survives_a_restart(tmp_path):
    folder = ("--data", str(tmp_path / "twins"))
    with started(*folder, "--deals", "3") as (_, access):
        token = {"Authorization": f"Bearer {access['hubspot']['token']}"}
        deals = f"{access['hubspot']['url']}/crm/v3/objects/deals"
        ids = [row["id"] for row in requests.get(deals, headers=token, timeout=10).json()["results"]]
        first = ids[0]
        change = {"properties": {"dealname": "changed by hand"}}
        assert requests.patch(f"{deals}/{first}", json=change, headers=token, timeout=10).status_code == 200
    with started(*folder) as (_, access):
        kept = {row["id"]: row for row in Control(access["control"]).books("hubspot") if row["type"] == "deals"}
        assert list(kept) == ids
        assert kept[first]["properties"]["dealname"] == "changed by hand"
        assert Control(access["control"]).manifest()["deals_wanted"] == 3


def test_another_size_needs_reseed(tmp_path, capsys):
    with running(deals=3, data=tmp_path):
        pass
    assert main(["--port", "0", "--data", str(tmp_path), "--deals", "4"]) == 2
    assert "--reseed" in capsys.readouterr().err
    with started("--data", str(tmp_path), "--deals", "4", "--reseed") as (_, access):
        assert Control(access["control"]).manifest()["deals_wanted"] == 4


def test_a_taken_port_is_one_sentence_and_status_2(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"The sandbox cannot start: port {port} is taken")
    assert shown.err.count("\n") == 1


def test_a_second_sandbox_on_one_folder_is_refused(tmp_path, capsys):
    with owned(tmp_path):
        assert main(["--port", "0", "--data", str(tmp_path), "--empty"]) == 2
    assert "another sandbox is working on" in capsys.readouterr().err


def test_without_json_a_person_is_told_where_everything_is():
    process = subprocess.Popen(
        [*COMMAND, "--deals", "1"], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    shown = ""
    for line in process.stdout:
        shown += line
        if "/_sandbox/" in line:
            break
    process.terminate()
    process.communicate(timeout=20)
    for expected in ("ready", "/ia/xml/xmlgw.phtml", "demo-sender-secret", "pat-na1-demo-service-key", "100, 200, 300"):
        assert expected in shown


@pytest.fixture(scope="module")
def seeded():
    """(Intacct's books, HubSpot's books, manifest) of the demo company as both real twins hold it."""
    with running(deals=60) as sandbox:
        control = sandbox.control
        return list(control.books("intacct")), list(control.books("hubspot")), control.manifest()


def test_the_seeded_books_differ_from_the_manifest_by_the_missing_invoices_only(seeded):
    verdict = compare(*seeded)
    assert (verdict.deals_won, verdict.missing, verdict.invoices_posted) == (60, 44, 0)
    assert (verdict.duplicates, verdict.unexpected, verdict.customers_duplicated) == (0, 0, 0)
    assert len(verdict.problems) == 44 + 16  # nothing is posted, nothing is held yet


def test_older_documents_stand_in_the_books_as_the_manifest_has_them(seeded):
    books, _, manifest = seeded
    documents = {row["number"]: row for row in manifest["history"]}
    seen = 0
    for entry in books:
        if entry["object"] not in {"ARINVOICE", "ARADJUSTMENT"}:
            continue
        record, row = entry["record"], documents[entry["record"]["RECORDID"]]
        assert Fraction(record["TRX_TOTALENTERED"]) * 100 == row["net_minor"]
        assert Fraction(record["TRX_TOTALPAID"]) * 100 == row["paid_minor"]
        seen += 1
    assert seen == len(documents)


def test_deals_stand_in_hubspot_in_the_stages_that_the_manifest_presumes(seeded):
    _, crm, manifest = seeded
    won = {
        entry["id"]: entry["properties"]["closedate"]
        for entry in crm
        if entry["type"] == "deals" and entry["properties"].get("hs_is_closed_won") == "true"
    }
    in_scope = {row["deal_id"] for row in manifest["deals"] if row["expect"] != "ignored"}
    before = {row["deal_id"] for row in manifest["deals"] if (row["invoice_date"] or "2026-08-01") < "2026-08-01"}
    invoiced_by_hand = won.keys() - {row["deal_id"] for row in manifest["deals"]}
    assert won.keys() - invoiced_by_hand == in_scope | before
    assert all(won[deal_id] < "2026-08-01" for deal_id in invoiced_by_hand)
