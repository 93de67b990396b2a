"""Making records of one type, and what HubSpot's answer means for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from include.connectors.hubspot.batch import NewRecord, batch_create
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.errors import AlreadyExists, Refusal
from include.connectors.hubspot.isolate import send_isolating
from include.connectors.hubspot.partial import Partial
from include.core.decisions import Key
from include.core.errors import AuthError, OutcomeUnknown, Rejected, SettingsError, TransientError
from include.core.target import Lost, NotSent, Outcome, Refused, Written

Outcomes = dict[Key, Outcome]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record to be made for ``key``."""

    key: Key
    record: NewRecord


def create(
    client: HubSpotClient, object_type: str, prepared: Sequence[Prepared], until: float, outcomes: Outcomes
) -> None:
    """Send these in one request and add one outcome for each to ``outcomes``, all by ``until`` on the client's clock.

    Each has a trace id, so that one bad record does not keep the others out. Where HubSpot refuses the request as a
    whole nevertheless, nothing of it was made, and it is sent again in halves until the one at fault stands alone.
    Raises ``AuthError`` or ``SettingsError`` only while ``outcomes`` holds nothing that may have been made.
    """
    by_trace = {f"row-{number}": one for number, one in enumerate(prepared)}

    def send(traces: Sequence[str]) -> Partial:
        keys = [by_trace[trace].key for trace in traces]
        try:
            made = batch_create(
                client,
                object_type,
                {trace: by_trace[trace].record for trace in traces},
                seconds=max(0.0, until - client.now()),
            )
        except (AuthError, SettingsError) as error:
            not_sent(keys, error, outcomes)
        except OutcomeUnknown as error:
            outcomes.update({key: Lost(key, error.message) for key in keys})
        except TransientError as error:
            outcomes.update({key: NotSent(key, error.message, error.retry_after) for key in keys})
        else:
            silent = [by_trace[trace].key for trace in made.unknown]
            outcomes.update({key: Lost(key, "HubSpot's answer says nothing about this record.") for key in silent})
            return Partial(made.created, made.failed, ())
        return Partial({}, {}, ())

    wanted = {trace: one.record.properties for trace, one in by_trace.items()}
    for partial in send_isolating(send, list(by_trace), wanted):
        for trace, record in partial.done.items():
            key = by_trace[trace].key
            outcomes[key] = Written(key, record.id, record.id)
        for trace, error in partial.refused.items():
            key = by_trace[trace].key
            outcomes[key] = refused(key, error)


def refused(key: Key, error: Rejected) -> Refused:
    """HubSpot's refusal of one record. Whatever unique value is taken, looking tells whether the holder is ours."""
    existing = error.existing_id if isinstance(error, Refusal) else None
    message = f"{error.message} It is record {existing}." if existing else error.message
    return Refused(key, error.code or "refused", message, isinstance(error, AlreadyExists) or existing is not None)


def not_sent(keys: Sequence[Key], error: AuthError | SettingsError, outcomes: Outcomes) -> None:
    """Nothing was done for these. Raises the error itself while nothing may have been made for any other."""
    if not any(isinstance(one, Written | Lost) for one in outcomes.values()):
        raise error
    outcomes.update({key: NotSent(key, error.message) for key in keys})
