"""Pages of a listing. A link in an answer is followed only where the token may go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.wire import BadShape, Json, as_list, as_object

_PORTS = {"http": 80, "https": 443}


def iter_pages(client: HubSpotClient, path: str, query: Mapping[str, str]) -> Iterator[list[Any]]:
    """The ``results`` of every page, beginning at ``path`` with ``query``.

    ``paging.next.after`` is preferred; a link is used where only a link is given. Raises ``BadShape`` for a
    link off the connection's own origin, and for a cursor that comes back a second time.
    """
    seen: set[str] = set()
    while True:
        body = client.request("GET", path, query=query).body
        yield as_list(body.get("results"), "results")
        following = next_page(body)
        if following is None:
            return
        mark = str(sorted(following.items()))
        if mark in seen:
            raise BadShape("paging.next", "a page that was not read before")
        seen.add(mark)
        if "after" in following:
            query = {**query, "after": following["after"]}
        else:
            path, query = own_link(client.base_url, following["link"])


def next_page(body: Json) -> dict[str, str] | None:
    """``{"after": cursor}`` or ``{"link": url}`` of the following page, ``None`` on the last one."""
    paging = body.get("paging")
    following = as_object(paging, "paging").get("next") if paging is not None else None
    if following is None:
        return None
    following = as_object(following, "paging.next")
    for name in ("after", "link"):
        value = following.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value:
            return {name: value}
    raise BadShape("paging.next", "a cursor or a link")


def own_link(base_url: str, link: str) -> tuple[str, dict[str, str]]:
    """The path below ``base_url`` and the query of a link on the same scheme, host and port.

    Raises ``BadShape`` for any other link, and for one that could be read in two ways: white space, control
    or non-ASCII characters, backslashes, a user part, dot segments, an encoded path.
    """
    refused = BadShape("paging.next.link", "a link to the host of the connection")
    if not link.isascii() or not link.isprintable() or any(character in link for character in ' \\<>"`{}|^@'):
        raise refused
    try:
        there, here = urlsplit(link), urlsplit(base_url)
        same = (there.scheme, there.hostname, there.port or _PORTS.get(there.scheme)) == (
            here.scheme,
            here.hostname,
            here.port or _PORTS.get(here.scheme),
        )
        query = dict(parse_qsl(there.query, keep_blank_values=True, strict_parsing=bool(there.query)))
    except ValueError:
        raise refused from None
    below = there.path.startswith(here.path.rstrip("/") + "/")
    plain = unquote(there.path) == there.path and not {".", ".."} & set(there.path.split("/"))
    if not (same and below and plain) or there.fragment or "//" in there.path or ":" in there.path:
        raise refused
    return there.path[len(here.path.rstrip("/")) :], query
