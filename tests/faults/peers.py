"""The probe that the clients in use fail: every tenth posting is carried out and its answer lost, and the task is run
again, as Airflow does it with ``retries=2``. Our job beside ``sageintacctsdk`` from PyPI, over the same twin.

Ours is made to send one invoice a request here, as the peer does, so that both meet the same number of lost answers.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from include.connectors.intacct import target
from include.core.errors import OutcomeUnknown, Unavailable
from tests.flows.office import Office, office

INVOICES = 100
DEALS = 140
"""Some of them are not to be billed: about a hundred are."""
RUNS = 3
FAULTS: dict[str, dict[str, Any]] = {
    "connection cut": {"kind": "lost_after"},
    "503": {"kind": "status", "status": 503, "executed": True},
    "answer cut": {"kind": "cut_at", "at": 200},
}


def probe() -> dict[str, dict[str, dict[str, int]]]:
    """Fault -> who -> what came of it: ``posted`` documents, ``duplicates`` among them, ``lost`` of the hundred, and
    the ``answers_lost`` on the way."""
    found = {}
    for name, rule in FAULTS.items():
        with tempfile.TemporaryDirectory() as folder, _company(Path(folder)) as demo:
            lost = demo.sandbox.control.fault(**rule, system="intacct", label="create_invoice", every=10)
            found[name] = {"ours": _ours(demo, lost)}
            demo.sandbox.control.lift()
            lost = demo.sandbox.control.fault(**rule, system="intacct", label="create_invoice", every=10)
            found[name]["sageintacctsdk"] = _peer(demo, lost)
    return found


@contextlib.contextmanager
def _company(folder: Path) -> Any:
    switches = {"duplicate_invoice_numbers_allowed": True, "concurrency": 0}
    with office(folder, deals=DEALS, intacct=switches, hubspot={"limits": False}) as opened:
        yield opened


def _ours(demo: Office, fault: int) -> dict[str, int]:
    with patch.object(target, "CHUNK", 1):
        for attempt in range(1, RUNS + 1):
            with contextlib.suppress(OutcomeUnknown, Unavailable):
                demo.invoice_won_deals(run_id="probe", attempt=attempt)
                break
    verdict = demo.verdict()
    posted = sum(bool(one.get("TIEOUT_KEY")) for one in demo.invoices())
    return {
        "posted": posted,
        "duplicates": verdict.duplicates,
        "lost": verdict.missing,
        "answers_lost": _fired(demo, fault),
        "runs": attempt,
    }


def _peer(demo: Office, fault: int) -> dict[str, int]:
    from sageintacctsdk import SageIntacctSDK
    from sageintacctsdk.apis import api_base

    who = demo.sandbox.intacct
    made = api_base.ApiBase.__init__

    def at_the_twin(self: Any, *arguments: Any, **named: Any) -> None:
        """The SDK has no setting for the address."""
        made(self, *arguments, **named)
        self._ApiBase__api_url = who.url

    customer = next(one for one in demo.invoices() if one["CURRENCY"] == "USD")["CUSTOMERID"]
    runs = 0
    with patch.object(api_base.ApiBase, "__init__", at_the_twin):
        while runs < RUNS:
            runs += 1
            sdk = SageIntacctSDK(who.sender_id, who.sender_password, who.user_id, who.company_id, who.user_password)
            try:
                for number in range(INVOICES):
                    sdk.ar_invoices.post(_invoice(customer, number))
                break
            except Exception:  # noqa: S112  whatever it is, the task fails and is run again
                continue
    numbers = Counter(one["RECORDID"] for one in demo.invoices() if one["RECORDID"].startswith("PEER-"))
    return {
        "posted": sum(numbers.values()),
        "duplicates": sum(numbers.values()) - len(numbers),
        "lost": INVOICES - len(numbers),
        "answers_lost": _fired(demo, fault),
        "runs": runs,
    }


def _invoice(customer: str, number: int) -> dict[str, Any]:
    line = {"glaccountno": "4000", "amount": f"{100 + number}.00", "locationid": "100", "classid": "SAAS"}
    return {
        "customerid": customer,
        "datecreated": {"year": 2026, "month": "11", "day": "02"},
        "dateposted": {"year": 2026, "month": "11", "day": "02"},
        "datedue": {"year": 2026, "month": "12", "day": "02"},
        "invoiceno": f"PEER-{number:03}",
        "invoiceitems": {"lineitem": [line]},
    }


def _fired(demo: Office, fault: int) -> int:
    return next(int(one["fired"]) for one in demo.sandbox.control.faults() if one["id"] == fault)
