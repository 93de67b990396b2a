"""The verifier, on books that are right and on books with one planted error each."""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest

from include.sandbox.verify import compare


def american(day: str) -> str:
    return date.fromisoformat(day).strftime("%m/%d/%Y")


class Books:
    """What both systems would show after a perfect run over the manifest."""

    def __init__(self, manifest) -> None:
        self.manifest = manifest
        self.customers = [
            {"object": "CUSTOMER", "record": {"CUSTOMERID": row["id"], "NAME": row["name"]}}
            for row in manifest["customers"]
        ]
        self.history = [
            {
                "object": row["object"],
                "record": {
                    "RECORDNO": str(number),
                    "RECORDID": row["number"],
                    "CUSTOMERID": row["customer"],
                    "CURRENCY": row["currency"],
                    "TRX_TOTALENTERED": row["net"],
                    "DESCRIPTION": "older",
                    "STATE": "Posted",
                },
                "items": [],
            }
            for number, row in enumerate(manifest["history"], 1)
        ]
        posted = [row for row in manifest["deals"] if row["expect"] == "posted"]
        self.invoices = [self._invoice(number, row) for number, row in enumerate(posted, 5_000)]
        self.deals = [self._deal(row) for row in manifest["deals"]]

    def _invoice(self, number, row):
        return {
            "object": "ARINVOICE",
            "record": {
                "RECORDNO": str(number),
                "RECORDID": f"SI-{number}",
                "DESCRIPTION": row["deal_name"],
                "CUSTOMERID": row["customer"],
                "CURRENCY": row["currency"],
                "TRX_TOTALENTERED": row["net"],
                "WHENCREATED": american(row["invoice_date"]),
                "WHENPOSTED": american(row["posting_date"]),
                "WHENDUE": american(row["due_date"]),
                "DOCNUMBER": row["po_number"],
                "STATE": "Posted",
            },
            "items": [
                {"ITEMID": line["item"], "TRX_AMOUNT": line["net"], "LOCATIONID": line["location"]}
                for line in row["lines"]
            ],
        }

    def _deal(self, row):
        shown = {"dealname": row["deal_name"]}
        if row["expect"] == "held":
            shown |= {"tieout_state": "held", "tieout_message": "A person must look at this."}
        if row["expect"] == "posted":
            number = next(
                i["record"]["RECORDID"] for i in self.invoices if i["record"]["DESCRIPTION"] == row["deal_name"]
            )
            shown |= {"intacct_invoice_number": number, "intacct_invoice_total": row["net"]}
        return {"type": "deals", "id": row["deal_id"], "properties": shown, "archived": False}

    def intacct(self):
        # Invoices first: the verifier must not depend on the order of the books.
        return iter([*self.invoices, *self.history, *self.customers])

    def verdict(self, **options):
        return compare(self.intacct(), iter(self.deals), self.manifest, **options)


@pytest.fixture
def books(manifest):
    return Books(json.loads(json.dumps(manifest)))


def only_problem(verdict) -> str:
    (problem,) = verdict.problems
    return problem


def test_books_that_agree_have_no_problems(books):
    verdict = books.verdict()
    assert verdict.problems == ()
    assert verdict.agrees
    assert verdict.to_json() == {
        "deals_won": 60,
        "invoices_posted": 44,
        "held": 16,
        "duplicates": 0,
        "missing": 0,
        "unexpected": 0,
        "cents_off": 0,
        "customers_duplicated": 0,
        "problems": [],
    }


def test_nothing_posted_is_everything_missing(books):
    books.invoices = []
    verdict = books.verdict(write_back=False)
    assert (verdict.missing, verdict.invoices_posted, len(verdict.problems)) == (44, 0, 44)


def test_a_planted_duplicate_of_a_deal_is_found(books):
    extra = copy.deepcopy(books.invoices[3])
    extra["record"] |= {"RECORDNO": "9999", "RECORDID": "SI-9999"}
    books.invoices.append(extra)
    verdict = books.verdict()
    assert (verdict.duplicates, verdict.unexpected, verdict.missing) == (1, 0, 0)
    assert "SI-9999" in only_problem(verdict)


def test_a_duplicate_of_a_deal_over_another_amount_is_found(books):
    extra = copy.deepcopy(books.invoices[3])
    extra["record"] |= {"RECORDNO": "9999", "RECORDID": "SI-9999", "TRX_TOTALENTERED": "1.23"}
    books.invoices.append(extra)
    assert books.verdict().duplicates == 1


def test_a_duplicate_that_hides_its_deal_is_found_by_its_amount(books):
    extra = copy.deepcopy(books.invoices[3])
    extra["record"] |= {"RECORDNO": "9999", "RECORDID": "SI-9999", "DESCRIPTION": "something else"}
    books.invoices.append(extra)
    verdict = books.verdict()
    assert (verdict.duplicates, verdict.unexpected) == (1, 0)
    assert "too many: SI-9999" in only_problem(verdict)


def test_two_duplicates_of_different_kinds_are_two(books):
    for number, changes in ((9998, {}), (9999, {"DESCRIPTION": "something else"})):
        extra = copy.deepcopy(books.invoices[number - 9990])
        books.invoices.append(extra | {"record": extra["record"] | {"RECORDNO": str(number)} | changes})
    assert books.verdict().duplicates == 2


def test_two_deals_of_equal_amounts_for_one_customer_are_no_duplicates(books, manifest):
    amounts = [(row["customer"], row["net_minor"]) for row in manifest["deals"] if row["expect"] == "posted"]
    assert len(set(amounts)) == len(amounts) - 1
    assert books.verdict().duplicates == 0


def test_a_missing_invoice_is_found(books):
    gone = books.invoices.pop(7)
    verdict = books.verdict(write_back=False)
    assert (verdict.missing, verdict.invoices_posted) == (1, 43)
    assert gone["record"]["DESCRIPTION"] in only_problem(verdict)


@pytest.mark.parametrize("state", ["Draft", "Reversed"])
def test_an_invoice_that_is_not_live_counts_as_missing(books, state):
    books.invoices[0]["record"]["STATE"] = state
    verdict = books.verdict(write_back=False)
    assert (verdict.missing, verdict.invoices_posted) == (1, 43)
    assert f"is {state.lower()}" in only_problem(verdict)


@pytest.mark.parametrize("cents", [1, -1])
def test_an_error_of_one_cent_is_found(books, cents):
    record = books.invoices[0]["record"]
    minor = int(record["TRX_TOTALENTERED"].replace(".", "")) + cents
    record["TRX_TOTALENTERED"] = f"{minor // 100}.{minor % 100:02d}"
    verdict = books.verdict()
    assert (verdict.cents_off, verdict.duplicates, verdict.missing) == (1, 0, 0)
    assert "shows" in only_problem(verdict)


def test_opposite_errors_do_not_cancel_out(books):
    for index, cents in ((0, 1), (1, -1)):
        record = books.invoices[index]["record"]
        minor = int(record["TRX_TOTALENTERED"].replace(".", "")) + cents
        record["TRX_TOTALENTERED"] = f"{minor // 100}.{minor % 100:02d}"
    assert books.verdict().cents_off == 2


def test_a_fraction_of_a_cent_is_found(books):
    books.invoices[0]["record"]["TRX_TOTALENTERED"] += "4"
    assert books.verdict().cents_off == 1


def test_cents_moved_between_lines_are_found(books):
    items = next(
        i["items"] for i in books.invoices if [x["TRX_AMOUNT"] for x in i["items"]] == ["9.05", "9.05", "9.04"]
    )
    items[0]["TRX_AMOUNT"], items[2]["TRX_AMOUNT"] = "9.04", "9.05"
    verdict = books.verdict()
    assert verdict.cents_off == 0
    assert len(verdict.problems) == 4  # two lines lack, two are there instead


def test_a_free_line_may_be_kept_or_dropped(books):
    for invoice in books.invoices:
        invoice["items"] = [item for item in invoice["items"] if float(item["TRX_AMOUNT"])]
    assert books.verdict().agrees


def test_a_wrong_customer_is_found(books):
    books.invoices[0]["record"]["CUSTOMERID"] = books.manifest["customers"][5]["id"]
    assert "is billed to" in only_problem(books.verdict())


def test_the_wrong_one_of_two_customers_of_one_name_is_found(books):
    first = books.manifest["customers"][0]
    books.customers.append({"object": "CUSTOMER", "record": {"CUSTOMERID": "C-TWIN", "NAME": first["name"]}})
    next(i for i in books.invoices if i["record"]["CUSTOMERID"] == first["id"])["record"]["CUSTOMERID"] = "C-TWIN"
    verdict = books.verdict()
    assert verdict.customers_duplicated == 1
    assert len(verdict.problems) == 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("WHENCREATED", "11/16/2026", "invoice date"),
        ("WHENPOSTED", "11/16/2026", "posting date"),
        ("WHENDUE", "", "due date"),
        ("DOCNUMBER", "PO-1", "reference"),
        ("CURRENCY", "CHF", "is in CHF"),
    ],
)
def test_a_wrong_header_field_is_found(books, field, value, words):
    books.invoices[0]["record"][field] = value
    assert words in only_problem(books.verdict())


@pytest.mark.parametrize(("field", "value"), [("LOCATIONID", "300"), ("ITEMID", "TRAIN-DAY")])
def test_a_wrong_entity_or_item_of_a_line_is_found(books, field, value):
    books.invoices[0]["items"][0][field] = value
    assert len(books.verdict().problems) == 2


@pytest.mark.parametrize("expect", ["held", "ignored"])
def test_an_invoice_for_a_deal_that_must_have_none_is_found(books, expect):
    row = next(row for row in books.manifest["deals"] if row["expect"] == expect)
    stray = copy.deepcopy(books.invoices[0])
    stray["record"] |= {"RECORDNO": "9999", "DESCRIPTION": row["deal_name"], "TRX_TOTALENTERED": "5.55"}
    books.invoices.append(stray)
    verdict = books.verdict()
    assert (verdict.unexpected, verdict.duplicates) == (1, 0)
    assert f"must be {expect}" in only_problem(verdict)


def test_an_invoice_that_belongs_to_no_deal_is_found(books):
    stray = copy.deepcopy(books.invoices[0])
    stray["record"] |= {"RECORDNO": "9999", "DESCRIPTION": "who knows", "TRX_TOTALENTERED": "5.55"}
    books.invoices.append(stray)
    assert books.verdict().unexpected == 1


def test_older_documents_are_not_counted_but_must_stay_as_they_were(books):
    books.history[0]["record"]["TRX_TOTALENTERED"] = "0.01"
    gone = books.history.pop(1)
    verdict = books.verdict()
    assert verdict.invoices_posted == 44
    assert len(verdict.problems) == 2
    assert any(gone["record"]["RECORDID"] in problem and "is gone" in problem for problem in verdict.problems)


def test_a_customer_made_twice_is_found(books):
    new = next(row for row in books.manifest["customers"] if row["origin"] == "new")
    books.customers.append({"object": "CUSTOMER", "record": {"CUSTOMERID": "HS-2", "NAME": new["name"]}})
    verdict = books.verdict()
    assert verdict.customers_duplicated == 1
    assert new["name"] in only_problem(verdict)


def test_a_customer_that_nobody_needed_is_found(books):
    books.customers.append({"object": "CUSTOMER", "record": {"CUSTOMERID": "HS-2", "NAME": "Nobody Ltd"}})
    verdict = books.verdict()
    assert verdict.customers_duplicated == 0
    assert "Nobody Ltd" in only_problem(verdict)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tieout_state": ""}, "must be held"),
        ({"tieout_message": " "}, "no sentence saying why"),
    ],
)
def test_a_held_deal_must_be_shown_as_held_with_a_sentence(books, changes, words):
    deal = next(deal for deal in books.deals if deal["properties"].get("tieout_state"))
    deal["properties"] |= changes
    assert words in only_problem(books.verdict())


def test_a_posted_deal_shown_as_held_is_found(books):
    deal = next(deal for deal in books.deals if deal["properties"].get("intacct_invoice_number"))
    deal["properties"] |= {"tieout_state": "held"}
    assert "shows it as held" in only_problem(books.verdict())


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("intacct_invoice_number", "SI-1", "invoice number"),
        ("intacct_invoice_total", "1", "invoice total"),
        ("intacct_invoice_total", "soon", "invoice total"),
    ],
)
def test_what_is_written_back_must_agree(books, field, value, words):
    deal = next(deal for deal in books.deals if deal["properties"].get("intacct_invoice_number"))
    deal["properties"][field] = value
    assert words in only_problem(books.verdict())
    assert books.verdict(write_back=False).agrees


def test_the_reasons_that_the_flow_recorded_are_compared(books):
    codes = {row["deal_id"]: row["reason"] for row in books.manifest["deals"] if row["expect"] == "held"}
    assert books.verdict(hold_codes=codes).agrees
    first = next(iter(codes))
    assert "not for" in only_problem(books.verdict(hold_codes=codes | {first: "no_lines_at_all"}))
    posted = next(row["deal_id"] for row in books.manifest["deals"] if row["expect"] == "posted")
    assert "not for nothing" in only_problem(books.verdict(hold_codes=codes | {posted: "no_company"}))
