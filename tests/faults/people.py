"""What the company's people do in the two systems on such a day: they win deals, touch them, and book payments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from include.sandbox.access import INTACCT_PATH, Access
from include.sandbox.exchange import Request
from include.sandbox.hubspot.limits import Limits
from include.sandbox.hubspot.switches import Switches

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule

_ACCESS = Access.at("http://127.0.0.1:9")
_BANKS = {"USD": "BW-US-USD", "GBP": "BW-UK-GBP", "EUR": "BW-DE-EUR"}


class People:
    """Their calls go straight to the twins: people's own browsers fail in ways that are not ours."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._to_win: dict[str, Mapping[str, Any]] = {}
        self._paid: set[str] = set()

    def keep_some_deals_open(self) -> None:
        """Some of the company's won deals are not won yet: that happens in the course of the day."""
        rng, schedule = self._schedule.rng, self._schedule
        for deal in schedule.company.manifest["deals"]:
            if deal["expect"] != "posted" or rng.random() < 0.6:
                continue
            shown = self._hubspot("GET", f"deals/{deal['deal_id']}?properties=dealstage,closedate,pipeline")
            properties = shown["properties"]
            self._to_win[deal["deal_id"]] = {name: properties[name] for name in ("dealstage", "closedate")}
            self._hubspot("PATCH", f"deals/{deal['deal_id']}", {"dealstage": self._first_stage(properties["pipeline"])})
            schedule.timeline.call_after(rng.uniform(0.0, 5500.0), lambda one=deal["deal_id"]: self._win(one))

    def _win(self, deal: str) -> None:
        self._schedule.note(f"a rep wins deal {deal}")
        self._hubspot("PATCH", f"deals/{deal}", self._to_win.pop(deal))

    def act(self) -> None:
        if self._schedule.rng.random() < 0.5:
            self._touch()
        else:
            self._pay()

    def _touch(self) -> None:
        """Edits that change nothing of what is billed, in the same second."""
        for deal in self._schedule.company.manifest["deals"]:
            if deal["expect"] == "posted" and deal["deal_id"] not in self._to_win:
                self._hubspot(
                    "PATCH", f"deals/{deal['deal_id']}", {"hs_next_step": f"call {self._schedule.rng.random()}"}
                )
        self._schedule.note("reps touch their deals")

    def _pay(self) -> None:
        """A customer pays one of our invoices, in part or whole."""
        rng, books = self._schedule.rng, self._schedule.company.intacct.export()
        ours = [
            one["record"]
            for one in books
            if one["object"] == "ARINVOICE" and one["record"].get("TIEOUT_KEY") and one["record"]["CURRENCY"] in _BANKS
        ]
        unpaid = [one for one in ours if one["RECORDNO"] not in self._paid and one["STATE"] == "Posted"]
        if not unpaid:
            return
        invoice = rng.choice(unpaid)
        self._paid.add(invoice["RECORDNO"])
        due = Decimal(str(invoice["TRX_TOTALDUE"]))
        amount = due if rng.random() < 0.5 else (due / 2).quantize(Decimal("0.01"))
        day = self._schedule.timeline.now().date()
        self._schedule.note(f"a customer pays {amount} of {invoice['RECORDID']}")
        self._intacct(
            f"<create_arpayment><customerid>{escape(invoice['CUSTOMERID'])}</customerid>"
            f"<paymentamount>{amount}</paymentamount><bankaccountid>{_BANKS[invoice['CURRENCY']]}</bankaccountid>"
            f"<refid>PAY-{len(self._paid)}</refid><datereceived><year>{day.year}</year><month>{day.month:02}</month>"
            f"<day>{day.day:02}</day></datereceived><paymentmethod>EFT</paymentmethod>"
            f"<currency>{invoice['CURRENCY']}</currency><exchratetype>Intacct Daily Rate</exchratetype>"
            f"<arpaymentitem><invoicekey>{invoice['RECORDNO']}</invoicekey><amount>{amount}</amount></arpaymentitem>"
            "</create_arpayment>"
        )

    def _first_stage(self, pipeline: str) -> str:
        stages = self._hubspot("GET", f"/crm/v3/pipelines/deals/{pipeline}/stages")["results"]
        return str(min(stages, key=lambda stage: stage["displayOrder"])["id"])

    def _hubspot(self, method: str, path: str, properties: Mapping[str, Any] | None = None) -> Any:
        whole, _, query = (path if path.startswith("/") else f"/crm/v3/objects/{path}").partition("?")
        body = b"" if properties is None else json.dumps({"properties": dict(properties)}).encode()
        headers = {"authorization": f"Bearer {_ACCESS.hubspot.token}", "content-type": "application/json"}
        world = self._schedule.company.hubspot._world
        ours, world.limits = world.limits, Limits(Switches(limits=False))  # a browser is under no API limit
        answer = self._schedule.company.hubspot.handle(Request(method, whole, query, headers, body))
        world.limits = ours
        assert answer.status < 300, answer.body
        return json.loads(answer.body)

    def _intacct(self, function: str) -> None:
        who, number = _ACCESS.intacct, len(self._paid)
        body = (
            f"<?xml version='1.0' encoding='UTF-8'?><request><control><senderid>{who.sender_id}</senderid>"
            f"<password>{who.sender_password}</password><controlid>person-{number}</controlid>"
            "<uniqueid>false</uniqueid><dtdversion>3.0</dtdversion></control><operation><authentication><login>"
            f"<userid>{who.user_id}</userid><companyid>{who.company_id}</companyid><password>{who.user_password}"
            f'</password></login></authentication><content><function controlid="1">{function}</function></content>'
            "</operation></request>"
        )
        headers = {"content-type": "application/xml"}
        request = Request("POST", INTACCT_PATH, "", headers, body.encode())
        answer = self._schedule.company.intacct.handle_admitted(request)
        assert b"<status>failure" not in answer.body, answer.body
