"""Journal entries: the sign says debit or credit, and every entity balances in its base currency. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from include.core.errors import RecordError, TotalsDiffer
from include.core.money import Money, zero


class Unbalanced(TotalsDiffer):
    """Debits and credits of an entity differ; the journal is not sent."""


class NoDueAccount(RecordError):
    """Lines of two entities, and the books do not say on which accounts the two owe each other."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """``amount`` in the transaction's currency and ``base`` in the entity's: positive is a debit, negative a credit."""

    entity_id: str
    account: str
    amount: Money
    base: Money
    department_id: str = ""
    memo: str = ""

    @property
    def side(self) -> str:
        """``debit`` or ``credit``; a line of zero has none and is refused by ``check_balance``."""
        return "credit" if self.base.is_negative or self.amount.is_negative else "debit"

    def reversed(self) -> JournalLine:
        return replace(self, amount=-self.amount, base=-self.base)


def line(entity_id: str, account: str, amount: Money, *, department_id: str = "", memo: str = "") -> JournalLine:
    """A line in the entity's own currency."""
    return JournalLine(entity_id, account, amount, amount, department_id, memo)


def balances(lines: Iterable[JournalLine]) -> dict[tuple[str, str], Money]:
    """(entity, base currency) -> debits less credits."""
    found: dict[tuple[str, str], Money] = {}
    for one in lines:
        key = (one.entity_id, one.base.currency)
        found[key] = found.get(key, zero(one.base.currency)) + one.base
    return found


def check_balance(lines: Sequence[JournalLine]) -> None:
    """Before a journal is sent (accounting case 71). Raises ``Unbalanced`` where an entity's sum is not zero, a line is
    zero, or a line is a debit in one currency and a credit in the other."""
    if len(lines) < 2:
        raise Unbalanced("a journal has at least a debit and a credit")
    for one in lines:
        if one.amount.is_zero and one.base.is_zero:
            raise Unbalanced(f"a line on account {one.account} of entity {one.entity_id} is zero")
        if one.amount.minor * one.base.minor < 0:
            raise Unbalanced(f"a line on account {one.account} is a debit in one currency and a credit in the other")
    for (entity_id, _), rest in balances(lines).items():
        if not rest.is_zero:
            raise Unbalanced(f"the journal lines of entity {entity_id} do not balance: {rest} too much debit")


def with_due_lines(
    lines: Sequence[JournalLine], home: str, due: Mapping[tuple[str, str], str]
) -> tuple[JournalLine, ...]:
    """The lines with what each other entity owes to, or is owed by, the ``home`` entity, so that each balances
    (accounting case 43). ``due``: (entity, other entity) -> the entity's account for the other.

    Entities of other base currencies are not bridged: split such a document by entity. Raises ``NoDueAccount``.
    """
    rests: dict[str, list[Money]] = defaultdict(list)
    for (entity_id, _), rest in balances(lines).items():
        rests[entity_id].append(rest)
    made = []
    for entity_id, found in sorted(rests.items()):
        if entity_id == home:
            continue
        for rest in found:
            if rest.is_zero:
                continue
            if {one.base.currency for one in lines if one.entity_id == home} != {rest.currency}:
                raise NoDueAccount(f"entities {home} and {entity_id} have two base currencies; split the document.")
            for owner, other, amount in ((entity_id, home, -rest), (home, entity_id, rest)):
                account = due.get((owner, other))
                if account is None:
                    raise NoDueAccount(
                        f"a document has lines of entities {home} and {entity_id}, and no account says what {owner} "
                        f"owes {other}. Name the accounts, or split the document by entity."
                    )
                made.append(line(owner, account, amount, memo=f"due {owner} {other}"))
    return (*lines, *made)
