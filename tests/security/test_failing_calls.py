"""No failing call shows a credential: every way in which a call can fail, looked at from every side, at log level DEBUG
and with HTTP tracing switched on, by servers that repeat every secret in every encoding."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
from pathlib import Path

import pytest

from tests.security.canaries import Sweep, everything_about, shapes
from tests.security.company import SECRETS
from tests.security.failing import ALL
from tests.security.failing_hubspot import hubspot_calls
from tests.security.failing_intacct import intacct_calls
from tests.security.failing_others import mail_calls, slack_calls, state_calls
from tests.security.hearing import heard


def test_no_failing_call_shows_a_secret_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    sweep = Sweep(ALL)
    calls = intacct_calls() | hubspot_calls() | slack_calls() | mail_calls() | state_calls(tmp_path)
    for name, call in calls.items():
        printed = io.StringIO()
        with heard(tmp_path / "printed") as said, contextlib.redirect_stdout(printed):
            outcomes = call()
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                sweep.look_at_all((f"{name}: {side}", text) for side, text in everything_about(outcome))
            else:
                sweep.look(f"{name}: {type(outcome).__name__}", f"{outcome!r} {outcome!s}")
        sweep.look_at_all((f"{name}: log of {logger}", text) for logger, text in said.texts())
        sweep.look(f"{name}: HTTP trace", printed.getvalue())
    assert len(calls) > 100
    assert len(sweep.places) > 500
    assert sweep.hits == []


@pytest.mark.parametrize("secret", SECRETS.values())
def test_the_search_finds_every_encoding(secret: str) -> None:
    for encoding, shape in shapes(secret).items():
        sweep = Sweep({"it": secret})
        sweep.look("here", b"before " + shape + b" after")
        assert encoding in {found for _, _, found in sweep.hits}
    for shift in range(3):
        sweep = Sweep({"it": secret})
        sweep.look("here", base64.b64encode(b"user:pass"[: 6 + shift] + secret.encode() + b"#tail"))
        assert sweep.hits
