"""load, export and reset."""

from __future__ import annotations

import json

import pytest

from include.sandbox.intacct.twin import IntacctTwin


def record(name, items=(), **fields):
    return {"object": name, "fields": fields, "items": list(items)}


INVOICE_LINES = [{"ACCOUNTNO": "4100", "TRX_AMOUNT": "100.00", "LOCATIONID": "100", "ITEMID": "PLAN-TEAM"}]
HISTORY = [
    record("ARINVOICE", INVOICE_LINES, RECORDID="OLD-1", CUSTOMERID="C-1", WHENCREATED="2026-08-03", TIEOUT_KEY="k"),
    record("ARINVOICE", INVOICE_LINES, CUSTOMERID="C-1", WHENCREATED="2026-11-03", CURRENCY="EUR"),
    record("ARADJUSTMENT", [{**INVOICE_LINES[0], "TRX_AMOUNT": "-25"}], CUSTOMERID="C-1", WHENCREATED="2026-11-04"),
    record(
        "ARPYMT",
        [
            {"RECORDID": "OLD-1", "TRX_PAYMENTAMOUNT": "50"},
            {"RECORDID": "OLD-1", "ADJUSTMENTID": "ADJ-000001", "TRX_ADJUSTMENTAMOUNT": "25"},
        ],
        CUSTOMERID="C-1",
        RECEIPTDATE="2026-11-05",
        TRX_AMOUNTTOPAY="60",
    ),
    record("ARPYMT", CUSTOMERID="C-2", RECEIPTDATE="2026-11-06", TRX_AMOUNTTOPAY="30"),
]


def test_seed_documents_go_through_the_posting_rules(gateway):
    gateway.twin.load(HISTORY)
    fields = "RECORDID TRX_TOTALDUE TOTALENTERED STATE WHENDUE AUWHENCREATED WHENMODIFIED TIEOUT_KEY"
    first, second = gateway.query("ARINVOICE", fields)
    assert first == {
        "RECORDID": "OLD-1",
        "TRX_TOTALDUE": "25",
        "TOTALENTERED": "100",
        "STATE": "Partially Paid",
        "WHENDUE": "09/02/2026",
        "AUWHENCREATED": "08/03/2026 12:00:00",
        "WHENMODIFIED": "11/05/2026 12:00:00",
        "TIEOUT_KEY": "k",
    }
    assert (second["RECORDID"], second["TOTALENTERED"]) == ("INV-000001", "108.47")
    assert [r["TRX_TOTALDUE"] for r in gateway.query("ARPYMT", "TRX_TOTALDUE")] == ["10", "30"]
    assert [r["CUSTOMERID"] for r in gateway.query("ARADVANCE", "CUSTOMERID")] == ["C-2"]
    balances = gateway.query("GLDETAIL", "LOCATIONID AMOUNT")
    assert sum(float(row["AMOUNT"]) for row in balances) == pytest.approx(0)


def test_the_same_seed_makes_the_same_books_whatever_the_day(make_gateway, clock):
    first = make_gateway()
    first.twin.load(HISTORY)
    clock.advance(40 * 86400)
    second = make_gateway()
    second.twin.load(HISTORY)
    assert json.dumps(list(first.twin.export())) == json.dumps(list(second.twin.export()))


def test_a_load_is_taken_as_a_whole_and_says_what_is_wrong(gateway):
    before = list(gateway.twin.export())
    bad = record("ARINVOICE", INVOICE_LINES, CUSTOMERID="C-404", WHENCREATED="2026-11-03")
    with pytest.raises(ValueError, match=r"seed record 6 \(ARINVOICE\): Customer 'C-404' is not valid"):
        gateway.twin.load([*HISTORY, bad])
    field = record("_CUSTOMFIELD", OBJECT="ARINVOICE", ID="GONE")
    with pytest.raises(ValueError, match="NOTHING"):
        gateway.twin.load([field, record("_COMPANY", base_currency="GBP"), record("NOTHING", NAME="x")])
    assert "GONE" not in gateway.call("<lookup><object>ARINVOICE</object></lookup>").text
    assert gateway.call("<read><object>ARINVOICE</object><keys>1</keys></read>").status == "success"
    assert list(gateway.twin.export()) == before


def test_the_load_is_a_stream(gateway):
    taken = []

    def stream():
        for number in range(300):
            taken.append(number)
            yield record("CLASS", CLASSID=f"K{number}", NAME="x")

    gateway.twin.load(stream())
    assert len(taken) == 300
    assert gateway.query("CLASS", "CLASSID")[-1] == {"CLASSID": "K299"}


def test_the_export_lists_every_record_with_its_lines_and_no_secrets(gateway):
    gateway.twin.load(HISTORY)
    exported = list(gateway.twin.export())
    assert [entry["object"] for entry in exported] == sorted(entry["object"] for entry in exported)
    (invoice,) = [e for e in exported if e["object"] == "ARINVOICE" and e["record"]["RECORDID"] == "OLD-1"]
    assert invoice["record"]["TIEOUT_KEY"] == "k"
    assert [line["TRX_AMOUNT"] for line in invoice["items"]] == ["100"]
    text = json.dumps(exported)
    assert "secret" not in text
    assert '"_' not in text


def test_reset_forgets_everything_and_the_twin_can_be_loaded_again(gateway):
    from_before = gateway.call("<getAPISession/>").data.findtext("api/sessionid")
    records = [e for e in gateway.twin.export() if e["object"] == "CUSTOMER"]
    assert len(records) == 3
    gateway.twin.reset()
    assert list(gateway.twin.export()) == []
    assert gateway.call("<getAPISession/>").errors[0][0] == "XL03000006"
    gateway.twin.load(
        [
            record(
                "_COMPANY",
                company_id="brightwater-demo",
                sender_id="tieout_sender",
                sender_password="demo-sender-secret",
            )
        ]
    )
    assert gateway.call("<getAPISession/>", session=from_before).errors[0][1] == f"Invalid session {from_before}"


def test_a_custom_field_must_be_new_and_of_a_known_kind(gateway):
    for fields in (
        {"OBJECT": "ARINVOICE", "ID": "TOTALDUE"},
        {"OBJECT": "NOTHING", "ID": "X"},
        {"OBJECT": "CUSTOMER", "ID": "X", "DATATYPE": "SMELL"},
    ):
        with pytest.raises(ValueError, match="CUSTOMFIELD"):
            gateway.twin.load([record("_CUSTOMFIELD", **fields)])
    gateway.twin.load([record("_CUSTOMFIELD", OBJECT="CUSTOMER", ID="SCORE", DATATYPE="INTEGER")])
    change = "<update><CUSTOMER><CUSTOMERID>C-1</CUSTOMERID><SCORE>{}</SCORE></CUSTOMER></update>"
    assert gateway.call(change.format("7")).status == "success"
    assert gateway.call(change.format("high")).errors[0][0] == "BL03000018"
    where = "<greaterthan><field>SCORE</field><value>6</value></greaterthan>"
    assert gateway.query("CUSTOMER", "CUSTOMERID", where) == [{"CUSTOMERID": "C-1"}]


def test_an_older_file_gains_the_columns_of_a_newer_catalogue(tmp_path, clock, gateway):
    path = str(tmp_path / "old.sqlite")
    first = IntacctTwin(path, clock)
    first._db.execute("ALTER TABLE CLASS DROP COLUMN DESCRIPTION")
    first.close()
    second = IntacctTwin(path, clock)
    second.load([record("CLASS", CLASSID="A", NAME="A", DESCRIPTION="back")])
    assert [e["record"]["DESCRIPTION"] for e in second.export()] == ["back"]
    second.close()
