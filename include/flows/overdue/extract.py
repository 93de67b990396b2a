"""Finding the invoices that a run must look at, and reading them with what stands in HubSpot about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.intacct.invoices import get_invoices
from include.connectors.intacct.receivables import iter_open_invoices
from include.connectors.intacct.records import Invoice
from include.core.decisions import Key
from include.core.money import zero
from include.core.windows import BusinessDates, Window
from include.flows.figures.entity_days import business_calendars, days_of_invoices, grace_ends, today_by_entity
from include.flows.figures.invoice_deals import InvoiceLinks, NamedInvoice
from include.flows.overdue.parties import Party, read_parties
from include.flows.overdue.records import GONE, OPEN, REVERSED, SETTLED, OverdueInvoice, Task
from include.flows.overdue.settings import OverdueSettings
from include.flows.overdue.stages import SOURCE, TASK, due_before, stage_and_round, stage_days, stage_on
from include.flows.run import FlowRun

ROUNDS = "rounds"
_INVOICES_AT_ONCE = 1000


def rounds_over(run: FlowRun, record_nos: Iterable[str]) -> dict[str, int]:
    """How often each of these invoices had tasks and was then settled, where that ever happened."""
    pairs = {f"invoice:{one}": one for one in record_nos}
    return {pairs[pair]: int(known[ROUNDS]) for pair, known in run.store.agreed(run.flow.name, list(pairs)).items()}


def rounds_of_tasks(run: FlowRun, record_nos: Collection[str]) -> dict[str, int]:
    """Task id -> the round that it was made in, of these invoices' tasks."""
    made = run.store.records_made(TASK, SOURCE, record_nos)
    return {task_id: told[1] for key, task_id in made.items() if (told := stage_and_round(key.part))}


def end_rounds(run: FlowRun, rounds: Mapping[str, int]) -> None:
    """Remember that these rounds (by record number) are over. What a step of an older run repeats ends no later one."""
    known = rounds_over(run, rounds)
    ended = {one: max(round_ + 1, known.get(one, 0)) for one, round_ in rounds.items()}
    run.store.put_agreed(run.flow.name, {f"invoice:{one}": {ROUNDS: str(count)} for one, count in ended.items()})


def find_invoices(run: FlowRun, window: Window) -> Iterator[str]:
    """Record numbers. An ordinary run looks at everything that is overdue now, so that a missed day loses nothing, and
    at what has tasks that may have to be closed; a dated one at what began a stage on one of its days."""
    if window.kind == "records":
        yield from window.ids
        return
    settings: OverdueSettings = run.settings
    today = max(today_by_entity(run.books, run.now()).values())
    dates = BusinessDates.of(window)
    followed = _with_tasks(run)
    overdue = iter_open_invoices(
        run.intacct, due_before=due_before(today, settings), company_currency=run.books.company_currency
    )
    for invoice in _beginning(run, overdue, dates):
        yield invoice.record_no
    if dates is None:
        yield from followed
    else:
        read = get_invoices(run.intacct, followed, company_currency=run.books.company_currency)
        yield from (invoice.record_no for invoice in _beginning(run, read, dates))


def with_tasks(run: FlowRun, record_nos: Sequence[str]) -> set[str]:
    """Those of the invoices that have tasks of their present round, whatever their stage."""
    made = run.store.records_made(TASK, SOURCE, record_nos)
    rounds = rounds_over(run, record_nos)
    return {key.source_id for key in made if _is_of(key, rounds)}


def read_invoices(run: FlowRun, record_nos: Sequence[str]) -> list[OverdueInvoice]:
    """These invoices whole; one that was deleted is told as ``gone`` where it has tasks, else left out."""
    made = run.store.records_made(TASK, SOURCE, record_nos)
    rounds = rounds_over(run, record_nos)
    tasks = _tasks(run.hubspot, made, rounds)
    settings: OverdueSettings = run.settings
    read = get_invoices(
        run.intacct, record_nos, document_key=run.document_key, company_currency=run.books.company_currency
    )
    known = [
        replace(one, tasks=tuple(tasks[one.record_no]), round=rounds.get(one.record_no, 0)) for one in _facts(run, read)
    ]
    starting = {one.record_no for one in known if _starts(one, settings)}
    with_parties = _with_parties(run, [one for one in known if one.record_no in starting])
    deals = _deals(run, [one for one in read if one.record_no in starting])
    whole = {one.record_no: replace(one, deal_ids=deals.get(one.record_no, ())) for one in with_parties}
    gone = [
        _gone(run, number, tasks[number], rounds.get(number, 0))
        for number in tasks.keys() - {one.record_no for one in known}
    ]
    return [*(whole.get(one.record_no, one) for one in known), *gone]


def read_all_overdue(run: FlowRun) -> list[OverdueInvoice]:
    """Everything that has reached a stage, with companies and contacts, without tasks and deals: for the digest."""
    settings: OverdueSettings = run.settings
    today = max(today_by_entity(run.books, run.now()).values())
    read = list(
        iter_open_invoices(
            run.intacct, due_before=due_before(today, settings), company_currency=run.books.company_currency
        )
    )
    late = [one for one in _facts(run, read) if stage_on(one.due_date, one.today, settings, one.grace_ends)]
    return _with_parties(run, late)


def _starts(invoice: OverdueInvoice, settings: OverdueSettings) -> bool:
    """Whether it needs a task that is not there yet."""
    newest = max((task.stage for task in invoice.tasks), default=0)
    stage = stage_on(invoice.due_date, invoice.today, settings, invoice.grace_ends)
    return invoice.state == OPEN and stage > newest


def _beginning(run: FlowRun, invoices: Iterable[Invoice], dates: BusinessDates | None) -> Iterator[Invoice]:
    """Those that begin a stage on one of the dates; all of them without dates."""
    if dates is None:
        yield from invoices
        return
    settings, waiting = run.settings, iter(invoices)
    while batch := list(islice(waiting, _INVOICES_AT_ONCE)):
        ends = grace_ends(run.intacct, batch, business_calendars(run.books), settings.grace_days)
        for one in batch:
            days = stage_days(one.due_date, settings, ends.get(one.record_no)) if one.due_date else ()
            if any(dates.holds(day) for day in days):
                yield one


def _with_tasks(run: FlowRun) -> list[str]:
    """The invoices with tasks of a round that is not known to be over."""
    made = run.store.records_made(TASK, SOURCE)
    rounds = rounds_over(run, {key.source_id for key in made})
    return list(dict.fromkeys(key.source_id for key in made if _is_of(key, rounds)))


def _is_of(key: Key, rounds: Mapping[str, int]) -> bool:
    told = stage_and_round(key.part)
    return told is not None and told[1] == rounds.get(key.source_id, 0)


def _tasks(hubspot: HubSpotClient, made: Mapping[Key, str], rounds: Mapping[str, int]) -> dict[str, list[Task]]:
    """The tasks of each invoice's present round, by stage. A task that was deleted has no status."""
    present = {key: task_id for key, task_id in made.items() if _is_of(key, rounds)}
    shown = batch_read(hubspot, "tasks", present.values(), ["hs_task_status", "hs_task_body"]).by_id()
    tasks = defaultdict[str, list[Task]](list)
    for key, task_id in present.items():
        stage, _ = stage_and_round(key.part) or (0, 0)
        values = shown[task_id].properties if task_id in shown else {}
        status = (values.get("hs_task_status") or "NOT_STARTED") if task_id in shown else ""
        tasks[key.source_id].append(Task(task_id, stage, status, values.get("hs_task_body") or ""))
    for some in tasks.values():
        some.sort(key=lambda one: one.stage)
    return tasks


def _facts(run: FlowRun, invoices: Sequence[Invoice]) -> list[OverdueInvoice]:
    days = days_of_invoices(run.intacct, invoices, today_by_entity(run.books, run.now()))
    ends = grace_ends(run.intacct, invoices, business_calendars(run.books), run.settings.grace_days)
    return [replace(_fact(one, days[one.record_no]), grace_ends=ends.get(one.record_no)) for one in invoices]


def _fact(invoice: Invoice, today: date) -> OverdueInvoice:
    state = OPEN if invoice.is_live and invoice.balance.amount > 0 else SETTLED
    return OverdueInvoice(
        record_no=invoice.record_no,
        state=REVERSED if invoice.is_reversed else state,
        number=invoice.number,
        customer_id=invoice.customer_id,
        total=invoice.total,
        balance=invoice.balance,
        due_date=invoice.due_date,
        today=today,
        url=invoice.url,
    )


def _gone(run: FlowRun, record_no: str, tasks: list[Task], round_: int) -> OverdueInvoice:
    nothing = zero(next(iter(run.books.entities.values())).base_currency)
    today = min(today_by_entity(run.books, run.now()).values())
    return OverdueInvoice(record_no, GONE, "", "", nothing, nothing, None, today, "", tasks=tuple(tasks), round=round_)


def _with_parties(run: FlowRun, invoices: Sequence[OverdueInvoice]) -> list[OverdueInvoice]:
    parties = read_parties(run.hubspot, run.intacct, {one.customer_id for one in invoices})

    def joined(one: OverdueInvoice, party: Party) -> OverdueInvoice:
        return replace(
            one,
            companies=party.companies,
            contact_id=party.contact_id,
            contact_owner_id=party.contact_owner_id,
        )

    return [joined(one, parties[one.customer_id]) for one in invoices]


def _deals(run: FlowRun, invoices: Sequence[Invoice]) -> dict[str, tuple[str, ...]]:
    links = InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key, run.run_id)
    named = [NamedInvoice(one.record_no, one.number, one.customer_id, one.document_key) for one in invoices]
    found = defaultdict[str, list[str]](list)
    for deal, its in (links.deals_of(named) if named else {}).items():
        for number in its.record_nos:
            found[number].append(deal)
    return {number: tuple(sorted(deals, key=int)) for number, deals in found.items()}
