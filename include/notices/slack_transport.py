"""The address of a webhook is a secret, and HTTP libraries write addresses into their logs. Not this one."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

HIDDEN = "***"


class _Unspoken(logging.Filter):
    """Hides the paths of webhooks in what urllib3 logs at level DEBUG."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(HIDDEN if arg in self.paths else arg for arg in record.args)
        return True


_FILTER = _Unspoken()


def unspoken(session: requests.Session, url: str) -> requests.Session:
    """The session, which no longer tells anybody of ``url`` when it calls it: neither in urllib3's log nor where
    somebody traces ``http.client``."""
    parts = urlsplit(url)
    _FILTER.paths |= {url, parts.path, f"{parts.path}?{parts.query}"}
    logging.getLogger("urllib3.connectionpool").addFilter(_FILTER)
    session.mount(url, _Untraced())
    return session


class _UntracedHTTPConnection(HTTPConnection):
    debuglevel = 0


class _UntracedHTTPSConnection(HTTPSConnection):
    debuglevel = 0


class _UntracedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _UntracedHTTPConnection


class _UntracedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _UntracedHTTPSConnection


class _Untraced(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _UntracedHTTPPool, "https": _UntracedHTTPSPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = {"http": _UntracedHTTPPool, "https": _UntracedHTTPSPool}
        return manager
