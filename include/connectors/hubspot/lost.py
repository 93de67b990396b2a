"""A call without a complete answer: was it surely not sent, or may it have happened?"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
import urllib3

from include.core.errors import OutcomeUnknown, SettingsError, TieoutError, Unavailable

_NOT_CONNECTED = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
_MALFORMED = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidProxyURL,
)


def lost_on_the_way(error: Exception, what: str, repeatable: bool, out_of_time: bool) -> TieoutError:
    """Our error for a network failure during ``what``; ``repeatable`` is false for a create.

    The original's text is left out: it can quote the URL, headers and parts of the body.
    """
    chain = list(_causes(error))
    name = type(error).__name__
    if any(isinstance(cause, _MALFORMED) for cause in chain):
        return SettingsError(
            f"The HubSpot connection cannot be used ({name}); check its host and proxy.", system="hubspot"
        )
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in chain):
        return SettingsError(
            "HubSpot's TLS certificate is not trusted here; check the host, the proxy and the connection's verify.",
            system="hubspot",
        )
    if any(isinstance(cause, _NOT_CONNECTED) for cause in chain):
        return Unavailable(f"HubSpot could not be reached for {what} ({name}).", system="hubspot")
    how = "did not end its answer in time" if out_of_time else f"gave no complete answer ({name})"
    if repeatable:
        return Unavailable(f"HubSpot {how} to {what}.", system="hubspot")
    return OutcomeUnknown(f"HubSpot {how} to {what}; whether the record was made is not known.", system="hubspot")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps: ``requests`` and ``urllib3`` keep causes in ``args``, ``reason`` and
    chains."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [*cause.args, cause.__cause__, cause.__context__]
        waiting += [getattr(cause, "reason", None), getattr(cause, "original_error", None)]
