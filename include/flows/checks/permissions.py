"""What the flows that a company runs need of both systems, as its settings stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from include.core.errors import SettingsError
from include.core.settings import settings_dir
from include.core.settings_yaml import read
from include.flows.checks.needs import NEEDS, Needs
from include.flows.checks.object_words import OBJECTS


def scopes_of(flows: Iterable[str]) -> dict[str, str]:
    """HubSpot scope -> what these flows need it for, in words that several flows may share."""
    purposes: dict[str, dict[str, None]] = {}
    for needs in _needs(flows):
        for scope, purpose in needs.scopes.items():
            purposes.setdefault(scope, {})[purpose] = None
    return {scope: ", ".join(found) for scope, found in sorted(purposes.items())}


def reads_of(flows: Iterable[str]) -> dict[str, str]:
    """Intacct object -> what people call it, of all that these flows cannot do without reading."""
    wanted = {name for needs in _needs(flows) for name in needs.reads}
    return {name: word for name, word in OBJECTS.items() if name in wanted}


def makes_of(flows: Iterable[str]) -> dict[str, str]:
    """The same of what these flows make or change in Intacct."""
    wanted = {name for needs in _needs(flows) for name in needs.makes}
    return {name: word for name, word in OBJECTS.items() if name in wanted}


def is_used(option: str) -> bool:
    """Whether the company's settings ask for an option of ``Needs``. A file that cannot be read asks for nothing: that
    is told elsewhere."""
    file, _, rest = option.partition(":")
    key, _, wanted = rest.partition("=")
    try:
        data: Any = read(settings_dir() / f"{file}.yaml").data
    except SettingsError:
        return False
    for name in filter(None, key.split(".")):
        data = data.get(name) if isinstance(data, dict) else None
    if wanted.endswith("*"):
        return any(str(one).startswith(wanted[:-1]) for one in _leaves(data))
    return any(str(one) == wanted if wanted else one not in (None, "", False) for one in _leaves(data))


def _needs(flows: Iterable[str]) -> Iterator[Needs]:
    for flow in flows:
        needs = NEEDS.get(flow, Needs())
        yield needs
        yield from (more for option, more in needs.options.items() if is_used(option))


def _leaves(data: Any) -> Iterator[Any]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value)
    else:
        yield data
