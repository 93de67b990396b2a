"""After the bad day: no more faults, ordinary runs until all has come right, the judgement, and a replay that must send
nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_payment_to_hubspot_deal as payments
from tests.faults import calm
from tests.faults.airflow import CURSOR, ZOMBIE_AFTER, DagRun
from tests.faults.company import ZONES
from tests.faults.judge import Verdict, judge

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule

PASSES = 8
"""Good runs in which all must have come right."""
_LONG = 6 * 3600.0


class Healing:
    def __init__(self, schedule: Schedule) -> None:
        self._schedule, self._timeline, self._verdict = schedule, schedule.timeline, schedule.verdict

    def heal(self) -> None:
        """Whatever still runs ends; then good runs follow until all has come right."""
        schedule, verdict = self._schedule, self._verdict
        if not schedule.wait_until(schedule.all_over, _LONG):
            verdict.stuck += 1
            verdict.wrong.append("tasks of the bad day never ended")
        self._timeline.sleep(max(ZOMBIE_AFTER, 1300.0))  # what was on its way has arrived
        self._set_clocks()
        for number in range(PASSES):
            fine = self._good_pass(number)
            trial = Verdict(schedule.seed)
            judge_day(schedule, trial)
            if fine and trial.good and not self._a_day_began() and not self._may_be_written_over(number):
                break
        if not fine:
            verdict.stuck += 1
            verdict.wrong.append(f"the jobs did not succeed in {PASSES} good passes")
        verdict.take(trial)
        if not verdict.wrong:
            self._replay()

    def _set_clocks(self) -> None:
        """Somebody reads the warning and sets ours right, or nobody does."""
        clocks = self._schedule.clocks
        if clocks.wrong and clocks.set_right:
            clocks.ours = 0.0
            self._schedule.note("our clock is set right")

    def _a_day_began(self) -> bool:
        """In one of the entities, within the hour: then what is overdue is so since a day more, and shown by and by."""
        return any(self._schedule.now().astimezone(zone).hour == 0 for zone in ZONES)

    def _may_be_written_over(self, number: int) -> bool:
        """What a late request wrote over in HubSpot, an ordinary run of all tasks writes again."""
        return self._schedule.kind == "posting" and number == 0

    def _good_pass(self, number: int) -> bool:
        """One more scheduled run of each job; for a plan that is made, its tasks cleared once more."""
        schedule = self._schedule
        schedule.note(f"good pass {number + 1}")
        if not schedule.whole:
            return self._clear(failed=number == 0)
        if number < PASSES:  # the replay comes at once: at midnight, an invoice is a day later overdue
            self._timeline.sleep(schedule.clocks.behind)  # what our clock does not reach yet is read when it does
            now = schedule.now()
            hour = now.replace(minute=0, second=0, microsecond=0)
            self._timeline.sleep((hour + timedelta(seconds=3630) - now).total_seconds())
        fine = True
        for flow in (won_deals.FLOW, payments.FLOW):
            schedule.begin_scheduled(flow)
            fine &= self._finished(schedule.runs[-1])
        return fine

    def _clear(self, *, failed: bool) -> bool:
        """A person clears what failed, or everything."""
        schedule = self._schedule
        for run in schedule.runs:
            for task in [task for task in run.tasks if task[0] == run.in_slice[0]]:
                if not failed or any(task[1] == one[1] for one in run.failed):
                    run.clear(task)
            run.failed.pop(CURSOR, None)
            run.start()
        return schedule.wait_until(schedule.all_over, _LONG) and all(run.succeeded for run in schedule.runs)

    def _finished(self, run: DagRun) -> bool:
        return self._schedule.wait_until(lambda: run.over, _LONG) and run.succeeded

    def _replay(self) -> None:
        """The finished day once more: nothing is sent."""
        schedule = self._schedule
        before = len(schedule.network.calls)
        schedule.note("replay")
        if not self._good_pass(PASSES):
            self._verdict.wrong.append("the replay of a finished day failed")
        sent = [call.label for call in schedule.network.calls[before:] if call.writes]
        if sent:
            self._verdict.wrong.append(f"the replay of a finished day sent {', '.join(sent)}")


def judge_day(schedule: Schedule, verdict: Verdict) -> None:
    """Enter in ``verdict`` what is not as it must be now."""
    store = schedule.state.store(schedule.timeline.now)
    holds = {hold.source_id: hold.code for hold in store.open_holds(won_deals.FLOW.name)}
    shown = schedule.now().date() if any(run.flow is payments.FLOW for run in schedule.runs) else None
    back = schedule.kind != "writes"
    log = schedule.state.invoices()
    judge(verdict, schedule.company, holds if back else None, log, written_back=back, companies_at=shown)
    verdict.wrong += [*schedule.edits.untold(log), *calm.sent_twice(schedule)]
