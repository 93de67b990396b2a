"""What settings name is found by what their keys are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.core.settings_yaml import read
from include.flows.checks.catalogue_names import Named, names_in

FILE = "some_flow.yaml"


def named(folder: Path, text: str, file: str = FILE, *, labels: bool = False) -> list[Named]:
    (folder / file).write_text(text)
    return names_in(file, read(folder / file), labels=labels)


def brief(found: list[Named]) -> list[tuple[int | None, str, str, str, str]]:
    return [(one.line, one.key, one.value, one.kind, one.of) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a:\n  account: "4000"\n', [(2, "a.account", "4000", "account", "")]),
        (
            "one_time_items: [X, Y]\n",
            [(1, "one_time_items.0", "X", "item", ""), (1, "one_time_items.1", "Y", "item", "")],
        ),
        ("pipelines: all\n", []),
        ('pipelines: ["7"]\n', [(1, "pipelines.0", "7", "pipeline", "")]),
        (
            'pipeline: "7"\nstage: "8"\n',
            [(2, "stage", "8", "stage", "7"), (1, "pipeline", "7", "pipeline", "")],
        ),
        ("ponumber: deal.po_number\n", [(1, "ponumber", "po_number", "property", "deals")]),
        ("external_id: company.intacct_customer_id\n", []),  # Tieout makes it itself
        ("subject: deal.with more words\n", []),
        (
            "termname: {from: company.terms, values: {A: N30}, default: N15}\n",
            [
                (1, "termname.values.A", "A", "option", "companies.terms"),
                (1, "termname.values.A", "N30", "term", ""),
                (1, "termname.default", "N15", "term", ""),
                (1, "termname.from", "terms", "property", "companies"),
            ],
        ),
        (
            "- {hubspot: company.terms, intacct: TERMNAME, values: {A: N30}}\n",
            [
                (1, "0.values.A", "A", "option", "companies.terms"),
                (1, "0.values.A", "N30", "term", ""),
                (1, "0.hubspot", "terms", "property", "companies"),
            ],
        ),
        (
            'partners: {V-1: "99"}\n',
            [(1, "partners.V-1", "V-1", "vendor", ""), (1, "partners.V-1", "99", "company", "")],
        ),
        (
            'sales_orders: {"7": Sales Order}\n',
            [(1, "sales_orders.7", "7", "pipeline", ""), (1, "sales_orders.7", "Sales Order", "definition", "")],
        ),
        (
            'codes: {STD: {percent: "19", detail: VAT 19}}\nentities: {"300": {code: STD, solution: DE - VAT}}\n',
            [
                (1, "codes.STD.detail", "VAT 19", "tax_detail", ""),
                (2, "entities.300", "300", "entity", ""),
                (2, "entities.300.solution", "DE - VAT", "tax_solution", ""),
            ],
        ),
        ('sequence: {id: "5", user_id: "6"}\n', [(1, "sequence.id", "5", "sequence", "6")]),
    ],
)
def test_each_key_says_what_it_names(
    tmp_path: Path, text: str, expected: list[tuple[int | None, str, str, str, str]]
) -> None:
    assert brief(named(tmp_path, text)) == expected


def test_products_name_account_labels_where_the_books_say_so(tmp_path: Path) -> None:
    (one,) = named(tmp_path, "products: {X: {account: Sales}}\n", labels=True)
    assert one.kind == "account_label"


def test_the_terms_of_vendors_are_not_those_of_customers(tmp_path: Path) -> None:
    (one,) = named(tmp_path, "vendor: {term: N30}\n", "hubspot_company_to_intacct_vendor.yaml")
    assert one.kind == "vendor_term"


def test_a_file_that_is_no_yaml_names_nothing(tmp_path: Path) -> None:
    assert named(tmp_path, "a: [\n") == []
