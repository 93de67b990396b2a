"""
### Example: each company's open balance, from Intacct to HubSpot

A DAG of your own on Tieout's general operators: it needs the two connections, none of Tieout's settings or state.
Every night it reads the open invoices, adds them up per customer, and writes the sums to the companies that carry the
customer's id. Amounts are added as decimals; companies whose balance did not change are not sent.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, dag, task

from tieout.operators.hubspot import HubSpotBatchUpdateOperator, HubSpotSearchOperator
from tieout.operators.intacct import IntacctQueryOperator
from tieout.retry import RetryByError

Record = dict[str, Any]


@dag(
    schedule=CronDataIntervalTimetable("0 5 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1),  # noqa: DTZ001  (Airflow reads it as UTC)
    catchup=False,
    default_args={"retries": 3, "retry_policy": RetryByError()},
    doc_md=__doc__,
    tags=["example"],
)
def open_balance_to_hubspot_company() -> None:
    open_invoices = IntacctQueryOperator(
        task_id="open_invoices",
        object_name="ARINVOICE",
        fields=["CUSTOMERID", "CURRENCY", "TRX_TOTALDUE"],
        filter={"and": [{"greaterthan": {"TRX_TOTALDUE": "0"}}, {"equalto": {"CURRENCY": "USD"}}]},
        pool="intacct",
    )
    companies = HubSpotSearchOperator(
        task_id="companies",
        object_type="companies",
        filters=[{"propertyName": "intacct_customer_id", "operator": "HAS_PROPERTY"}],
        properties=["intacct_customer_id"],
        pool="hubspot",
    )

    @task
    def balances(invoices: list[Record], companies: list[Record]) -> dict[str, Record]:
        """Company id -> its open balance in USD."""
        sums: dict[str, Decimal] = {}
        for invoice in invoices:
            customer = invoice["CUSTOMERID"]
            sums[customer] = sums.get(customer, Decimal(0)) + Decimal(invoice["TRX_TOTALDUE"])
        customers = {company["id"]: company["properties"]["intacct_customer_id"] for company in companies}
        return {
            company: {"description": f"Open balance: {sums.get(customer, Decimal(0)):.2f} USD"}
            for company, customer in customers.items()
        }

    HubSpotBatchUpdateOperator(
        task_id="write_balances",
        object_type="companies",
        updates=balances(open_invoices.output, companies.output),
        only_changed=True,
        pool="hubspot",
    )


open_balance_to_hubspot_company()
