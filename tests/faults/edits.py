"""Deals that are changed while they are billed, so that the invoice's total stays what it was: no look-up in the books
can tell the old contents from the new, only the write log can."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from include.core.sync import WriteRow

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule


class Edits:
    """What the log has forgotten cannot be told from the books: no edits on a day on which the state is put back."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._rng = random.Random(f"{schedule.seed}/edits")  # noqa: S311
        self._revisions = Counter[str]()
        self._any = schedule.kind == "writes" and not schedule.restores and self._rng.random() < 0.4

    def events(self) -> list[tuple[float, Callable[[], None]]]:
        moments = [self._rng.uniform(1.0, 2000.0) for _ in range(self._rng.randrange(1, 4))] if self._any else []
        return [(moment, self._edit) for moment in moments]

    def planned(self, decisions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The plan as it is made for the deals as they are now."""
        return [self._revised(decision) for decision in decisions]

    def untold(self, log: Iterable[WriteRow]) -> Iterator[str]:
        """Invoices of which the log says other contents than the books."""
        if not self._any:
            return
        shown = {
            one["record"]["RECORDNO"]: str(one["items"][0]["ENTRYDESCRIPTION"])
            for one in self._schedule.company.intacct.part("ARINVOICE", 0, 10_000)
        }
        for row in log:
            said, stands = row.facts.get("revision", 0), _revision(shown[row.target_id])
            if said != stands:
                yield f"the log says revision {said} of deal {row.key.source_id}, the books hold revision {stands}"

    def _edit(self) -> None:
        """A rep changes a deal; every try that starts from now on is planned so, and one of the runs is cleared."""
        schedule = self._schedule
        invoices = [one for one in schedule.company.decisions if one["key"][1] == "invoice"]
        deal = self._rng.choice(invoices)["key"][4]
        self._revisions[deal] += 1
        schedule.note(f"a rep edits deal {deal}: revision {self._revisions[deal]}")
        for run in schedule.runs:
            run.xcom |= {
                task: json.dumps(self.planned(json.loads(text))) for task, text in run.xcom.items() if task[0] == "map"
            }
        run = self._rng.choice(schedule.runs)
        for task in sorted(task for task in run.done | run.failed.keys() if task[0] == "writes"):
            run.clear(task)

    def _revised(self, decision: Mapping[str, Any]) -> Mapping[str, Any]:
        revision = self._revisions[decision["key"][4]]
        if decision["key"][1] != "invoice" or not revision:
            return decision
        payload, facts = decision["payload"], decision["facts"]
        first, *others = payload["invoiceitems"]
        before, _, _ = first["memo"].partition(_MARK)
        lines = [{**first, "memo": f"{before}{_MARK}{revision}"}, *others]
        return {
            **decision,
            "payload": {**payload, "invoiceitems": lines},
            "facts": {**facts, "revision": revision},
        }


_MARK = ", revision "


def _revision(memo: str) -> int:
    return int(memo.partition(_MARK)[2] or 0)
