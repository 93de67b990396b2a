"""What the tables of failing calls share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.canaries import shapes
from tests.security.company import SECRETS

DATABASE = "Db&<7'kz/+%Qn5 V"
ALL = {**SECRETS, "database password": DATABASE}
NOWHERE = 1
"""A port of this machine on which nothing listens."""

Calls = dict[str, Callable[[], list[Any]]]
"""What is done -> all that came of it: clients, answers, exceptions."""


def echo(*names: str) -> str:
    """These secrets in every encoding, as a careless server would repeat what it was sent."""
    spelt = " ".join(shape.decode("utf-8", "replace") for name in names for shape in shapes(ALL[name]).values())
    return "".join(one for one in spelt if one.isprintable())


def ended(call: Callable[[], Any]) -> Any:
    """What the call gave or raised."""
    try:
        return call()
    except Exception as error:  # whatever it is, it will be looked at
        return error


def over_tls(url: str) -> str:
    return url.replace("http://", "https://")
