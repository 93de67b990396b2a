"""The PyPI ``sageintacctsdk``, unmodified but for the address, works on the twin and the books agree."""

from __future__ import annotations

import pytest
import sageintacctsdk.apis.api_base as api_base
from sageintacctsdk import SageIntacctSDK
from sageintacctsdk.exceptions import InvalidTokenError, WrongParamsError

LOGIN = {
    "sender_id": "tieout_sender",
    "sender_password": "demo-sender-secret",
    "user_id": "tieout_ws",
    "company_id": "brightwater-demo",
    "user_password": "demo-user-secret",
}


@pytest.fixture
def addressed(served, monkeypatch):
    """The SDK has no setting for the address: every API object is given it when it is made."""
    original = api_base.ApiBase.__init__

    def at_the_twin(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self._ApiBase__api_url = f"{served}/ia/xml/xmlgw.phtml"

    monkeypatch.setattr(api_base.ApiBase, "__init__", at_the_twin)


@pytest.fixture
def sdk(addressed):
    return SageIntacctSDK(**LOGIN)


@pytest.fixture
def trading(gateway):
    """One record of everything the SDK reads."""

    def record(name, **fields):
        return {"object": name, "fields": fields}

    gateway.twin.load(
        [
            record("CONTACT", CONTACTNAME="Emp", PRINTAS="Emp Loyee"),
            record("EMPLOYEE", EMPLOYEEID="E-1", TITLE="Clerk", CONTACTKEY=1),
            record("PROJECT", PROJECTID="P-1", NAME="Rollout", PROJECTCATEGORY="Contract", CUSTOMERID="C-1"),
            record("TASK", TASKID="T-1", NAME="Dig", PROJECTID="P-1"),
            record("COSTTYPE", COSTTYPEID="CT-1", NAME="Labour", PROJECTID="P-1"),
            record(
                "CONTRACT",
                CONTRACTID="K-1",
                CUSTOMERID="C-1",
                NAME="Deal",
                BEGINDATE="2026-11-01",
                TERMNAME="N30",
                TERMTYPE="Termed",
            ),
            record(
                "CONTRACTDETAIL", CONTRACTID="K-1", ITEMID="PLAN-TEAM", BILLINGMETHOD="Fixed price", LOCATIONID="100"
            ),
            record("EEACCOUNTLABEL", ACCOUNTLABEL="Travel", GLACCOUNTNO="6000"),
            record("CREDITCARD", CARDID="CARD-1"),
            record("SAVINGSACCOUNT", BANKACCOUNTID="SAV"),
            record("EXPENSEPAYMENTTYPE", NAME="Cash"),
            record("TAXDETAIL", DETAILID="VAT20"),
            record("TAXSOLUTION", SOLUTIONID="UK VAT"),
            record("ALLOCATION", ALLOCATIONID="Thirds"),
            record("ALLOCATIONENTRY", ALLOCATIONID="Thirds", LOCATIONID="100"),
            record("INVPRICELISTENTRY", PRICELISTID="Base", ITEMID="PLAN-TEAM"),
        ]
    )


def bill_fields():
    return {
        "WHENCREATED": "11/02/2026",
        "VENDORID": "V-1",
        "RECORDID": "SDK-1",
        "WHENDUE": "12/02/2026",
        "APBILLITEMS": {"APBILLITEM": [{"ACCOUNTNO": "6000", "TRX_AMOUNT": "10", "LOCATIONID": "100"}]},
    }


def invoice_fields(number):
    return {
        "customerid": "C-1",
        "datecreated": {"year": 2026, "month": "11", "day": "02"},
        "termname": "N30",
        "invoiceno": number,
        "invoiceitems": {
            "lineitem": [
                {
                    "glaccountno": "4100",
                    "amount": "125.50",
                    "locationid": "100",
                    "revrectemplate": "12M straight",
                    "itemid": "PLAN-TEAM",
                }
            ]
        },
    }


def journal_fields():
    line = {"TRX_AMOUNT": "9", "LOCATION": "100"}
    return {
        "JOURNAL": "GJ",
        "BATCH_DATE": "11/15/2026",
        "BATCH_TITLE": "By SDK",
        "ENTRIES": {
            "GLENTRY": [{"ACCOUNTNO": "6000", "TR_TYPE": "1", **line}, {"ACCOUNTNO": "2000", "TR_TYPE": "-1", **line}]
        },
    }


READS = [
    "accounts",
    "ar_invoices",
    "ar_invoice_items",
    "ar_payments",
    "bills",
    "charge_card_accounts",
    "charge_card_transactions",
    "checking_accounts",
    "classes",
    "contacts",
    "contract_lines",
    "contracts",
    "cost_types",
    "customers",
    "departments",
    "employees",
    "expense_payment_types",
    "expense_reports",
    "expense_types",
    "gl_detail",
    "items",
    "journal_entries",
    "location_entities",
    "locations",
    "projects",
    "tasks",
    "tax_details",
    "tax_solutions",
    "vendors",
    "allocations",
]


@pytest.mark.usefixtures("trading")
def test_every_resource_of_the_sdk_writes_and_reads(sdk):
    invoice = sdk.ar_invoices.post(invoice_fields("SDK-INV"))["key"]
    bill = sdk.bills.post(bill_fields())["data"]["apbill"]["RECORDNO"]
    sdk.bills.update_attachment(bill, "att-1")
    sdk.journal_entries.post(journal_fields())
    sdk.ar_payments.post(
        {
            "UNDEPOSITEDACCOUNTNO": "1090",
            "PAYMENTMETHOD": "EFT",
            "CUSTOMERID": "C-1",
            "RECEIPTDATE": "11/10/2026",
            "CURRENCY": "USD",
            "ARPYMTDETAILS": {"ARPYMTDETAIL": {"RECORDKEY": invoice, "TRX_PAYMENTAMOUNT": "25.50"}},
        }
    )
    request = {"FINANCIALENTITY": "OPS", "PAYMENTMETHOD": "Cash", "VENDORID": "V-1", "PAYMENTDATE": "11/16/2026"}
    details = {"APPYMTDETAIL": {"RECORDKEY": bill, "TRX_PAYMENTAMOUNT": "10"}}
    sdk.ap_payments.post({**request, "APPYMTDETAILS": details})
    day = {"year": "2026", "month": "11", "day": "15"}
    report = sdk.expense_reports.post(
        {"employeeid": "E-1", "datecreated": day, "expenses": {"expense": [{"expensetype": "Travel", "amount": "12"}]}}
    )["key"]
    sdk.expense_reports.update_attachment(report, "att-1")
    item = {"accountlabel": "Travel", "paymentamount": "8"}
    charge = {"chargecardid": "CARD-1", "paymentdate": day, "ccpayitems": {"ccpayitem": item}}
    card = sdk.charge_card_transactions.post(charge)["key"]
    sdk.charge_card_transactions.update_attachment(card, "att-1")
    repay = {"bankaccountid": "OPS", "employeeid": "E-1", "paymentmethod": "Cash", "paymentdate": day}
    sdk.reimbursements.post({**repay, "eppaymentrequestitems": {"eppaymentrequestitem": {"key": report}}})
    order = sdk.order_entry_transactions.post(
        {
            "transactiontype": "Sales Invoice",
            "datecreated": day,
            "customerid": "C-1",
            "documentno": "S-1",
            "sotransitems": {
                "sotransitem": {"itemid": "PLAN-TEAM", "quantity": "2", "price": "5", "locationid": "100"}
            },
        }
    )["key"]
    assert order == "Sales Invoice-S-1"
    for name in READS:
        found = getattr(sdk, name).get_all()
        assert found, name
    assert [row["RECORDID"] for row in sdk.ar_invoices.get_all()] == ["SDK-INV", "S-1"]
    assert sdk.ar_invoices.get_all(field="RECORDID", value="SDK-INV")[0]["TOTALDUE"] == "100"
    assert sdk.ap_payments.get_all()["RECORDNO"] == sdk.ap_payments.get("VENDORID", "V-1")["appymt"]["RECORDNO"]
    assert sdk.reimbursements.get_all()["EMPLOYEEID"] == "E-1"
    assert sdk.savings_accounts.get_all()["savingsaccount"]["BANKACCOUNTID"] == "SAV"
    assert sdk.rev_rec_schedules.read_by_query()["data"]["revrecschedule"]["INVOICENO"] == "SDK-INV"
    assert len(sdk.rev_rec_schedule_entries.get_all()) == 13
    assert next(iter(sdk.allocation_entry.get_all_generator()))[0]["ALLOCATIONID"] == "Thirds"
    assert sdk.ap_detail.count(None) == 1
    lists = sdk.inventory_control_price_list_entries
    assert lists.get_by_query(fields=["PRICELISTID"]) == [{"PRICELISTID": "Base"}]
    assert len(sdk.order_entry_transactions.get_by_query(fields=["DOCID", "TOTAL"])) == 1
    aging = sdk.ar_aging.get_araging("0-30,31-60", customerid="C-1", showdetails=True)["araging"]
    assert aging["customerid"] == "C-1"


def test_the_sdks_customers_are_created_updated_counted_and_deleted(sdk):
    created = sdk.customers.post({"CUSTOMERID": "C-SDK", "NAME": "Lib & Co", "DISPLAYCONTACT": {"PRINTAS": "Lib"}})
    key = created["data"]["customer"]["RECORDNO"]
    sdk.customers.update({"RECORDNO": key, "COMMENTS": "by library"})
    assert sdk.customers.get("CUSTOMERID", "C-SDK")["customer"]["COMMENTS"] == "by library"
    assert sdk.customers.count("STATUS", "active") == 3
    conditions = [("equalto", "CUSTOMERID", "C-SDK"), ("equalto", "CUSTOMERID", "C-1")]
    found = sdk.customers.get_by_query(fields=["CUSTOMERID"], or_filter=conditions)
    assert [row["CUSTOMERID"] for row in found] == ["C-1", "C-SDK"]
    pages = sdk.customers.get_all_generator(
        fields=["CUSTOMERID"], updated_at="01/01/2026 00:00:00", order_by_field="CUSTOMERID", order="descending"
    )
    assert [row["CUSTOMERID"] for page in pages for row in page] == ["C-SDK"]
    assert sdk.customers.delete(key)["status"] == "success"
    assert sdk.customers.count(None) == 3


def test_the_sdk_reads_metadata_attachments_and_dimensions(sdk):
    assert sdk.customers.get_lookup()["Type"]["@Name"] == "CUSTOMER"
    names = {entry["objectName"] for entry in sdk.dimensions.get_all()}
    assert {"CUSTOMER", "LOCATION", "CLASS"} <= names
    assert int(sdk.dimensions.get_objects()["@count"]) > 50
    sdk.attachments.create_attachments_folder({"supdocfoldername": "Bills"})
    sdk.attachments.post({"supdocid": "A1", "supdocname": "scan", "supdocfoldername": "Bills"})
    sdk.attachments.update({"supdocid": "A1", "supdocname": "better"})
    assert sdk.attachments.get_attachment("supdocid", "A1")["data"]["supdoc"]["supdocname"] == "better"
    assert sdk.attachments.get_all_folders()["name"] == "Bills"
    assert sdk.attachments.delete("A1")["status"] == "success"


def test_the_sdk_logs_in_to_an_entity_and_sees_what_belongs_there(addressed, gateway, xml):
    gateway.call(xml.invoice(xml.line("1", location="200")), location="200")
    assert SageIntacctSDK(**LOGIN).ar_invoices.count(None) == 0
    assert SageIntacctSDK(**LOGIN, entity_id="200").ar_invoices.count(None) == 1
    assert SageIntacctSDK(**LOGIN, show_private=True).ar_invoices.count(None) == 1


def test_the_sdk_understands_the_twins_errors(addressed, sdk, clock):
    with pytest.raises(WrongParamsError) as refused:
        sdk.ar_invoices.post({**invoice_fields("X"), "customerid": "C-404"})
    assert "Customer 'C-404' is not valid" in refused.value.response["error"][0]["description2"]
    with pytest.raises(WrongParamsError):
        sdk.ar_invoices.post({"nonsense": "1"})
    with pytest.raises(WrongParamsError):
        sdk.customers.get("NOPE", "1")
    clock.advance(7 * 3600)
    with pytest.raises(InvalidTokenError):
        sdk.customers.count(None)
    with pytest.raises(InvalidTokenError):
        SageIntacctSDK(**{**LOGIN, "user_password": "guess"})


def test_the_sdk_pages_through_more_than_one_page(addressed, gateway, sdk):
    customers = ({"object": "CONTACT", "fields": {"CONTACTNAME": f"Contact {n}", "PRINTAS": "x"}} for n in range(2100))
    gateway.twin.load(customers)
    found = sdk.contacts.get_all()
    assert len(found) == len({row["RECORDNO"] for row in found}) == 2104
