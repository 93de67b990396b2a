"""Runs the functions of one operation, each in its own transaction or all in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope import replies
from include.sandbox.intacct.envelope.request import Control, Function
from include.sandbox.intacct.errors import (
    ROLLED_BACK,
    ErrorEntry,
    Refused,
    already_recorded,
    function_error,
    missing,
    still_running,
)
from include.sandbox.intacct.functions import registry
from include.sandbox.intacct.idempotency import ControlIds
from include.sandbox.intacct.results import Result

Surprise = Callable[[BaseException], None]


@dataclass(slots=True)
class Outcome:
    """One function's fate. ``status`` is success, failure or aborted."""

    function: Function
    status: str
    result: Result
    errors: Sequence[ErrorEntry] = ()


class _Rollback(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Operations:
    """``busy`` are control ids another call is running; ``surprised`` is told of errors that are ours."""

    context: Context
    control: Control
    controlids: ControlIds
    busy: frozenset[str]
    surprised: Surprise

    def run(self, functions: Sequence[Function], *, transaction: bool) -> list[Outcome]:
        if transaction:
            return self._run_together(functions)
        return [self._run_alone(function) for function in functions]

    def _run_alone(self, function: Function) -> Outcome:
        try:
            with self.context.db.transaction():
                result = self._call(function)
                if result.errors:
                    return self._failed(function, result, result.errors)
                self._completed(function)
                return Outcome(function, "success", result)
        except Refused as error:
            return self._failed(function, Result(error.data), error.entries)

    def _run_together(self, functions: Sequence[Function]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        failed: Outcome | None = None
        try:
            with self.context.db.transaction():
                for function in functions:
                    try:
                        result = self._call(function)
                    except Refused as error:
                        failed = self._failed(function, Result(error.data), error.entries)
                        raise _Rollback from None
                    if result.errors:
                        failed = self._failed(function, Result(), result.errors)
                        raise _Rollback
                    self._completed(function)
                    outcomes.append(Outcome(function, "success", result))
        except _Rollback:
            return [self._rolled_back(function, failed) for function in functions]
        return outcomes

    def _rolled_back(self, function: Function, failed: Outcome | None) -> Outcome:
        if failed is not None and function is failed.function:
            status = self.context.switches.rolled_back_root
            return Outcome(function, status, Result(), [*failed.errors, ROLLED_BACK])
        return Outcome(function, "aborted", Result(), [ROLLED_BACK])

    def _call(self, function: Function) -> Result:
        if self.control.uniqueid:
            if function.controlid in self.busy:
                done = self.context.switches.running_reads_as_done
                raise already_recorded(function.controlid) if done else still_running()
            if self.controlids.used(function.controlid):
                raise already_recorded(function.controlid)
        try:
            return registry.call(self.context, function.name, function.element)
        except Refused:
            raise
        except OverflowError:
            # Dates and amounts beyond what the books can hold turn up wherever they are first computed with.
            raise missing("A value is out of range.") from None
        except Exception as error:
            self.surprised(error)
            raise function_error() from error

    def _completed(self, function: Function) -> None:
        if self.control.uniqueid:
            self.controlids.burn(function.controlid)

    def _failed(self, function: Function, result: Result, errors: Sequence[ErrorEntry]) -> Outcome:
        if self.control.uniqueid and self.context.switches.failure_burns_controlid:
            self.controlids.burn(function.controlid)
        return Outcome(function, "failure", result, errors)


def result_xml(outcome: Outcome, *, extra: bool) -> str:
    return replies.result(
        outcome.status,
        outcome.function.name,
        outcome.function.controlid,
        outcome.result.body,
        outcome.errors,
        extra=extra,
    )
