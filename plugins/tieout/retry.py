"""The one place where our errors become Airflow's fail or retry."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import RetryDecision, RetryPolicy

from include.core.errors import OutcomeUnknown, TieoutError, TransientError

if TYPE_CHECKING:
    from airflow.sdk import Context


class RetryByError(RetryPolicy):
    """Errors that a person must repair fail at once; passing ones are tried again when the remote system asks to;
    an unknown outcome is tried again soon, because the write path resolves it before it sends anything."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        pause = timedelta(seconds=min(20 * 2 ** max(try_number - 1, 0), 900))
        match exception:
            case TransientError(retry_after=float() | int() as seconds):
                return RetryDecision.retry(timedelta(seconds=max(seconds, 1)), exception.message)
            case TransientError() | OutcomeUnknown():
                return RetryDecision.retry(pause, exception.message)
            case TieoutError():
                return RetryDecision.fail(exception.message)
        return RetryDecision.default()
