"""A transport that answers from memory: thousands of exchanges without a socket."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse


class Canned(BaseAdapter):
    """``reply`` turns a request's body into an answer's: its bytes, or status and bytes."""

    def __init__(self, reply: Callable[[bytes], bytes | tuple[int, bytes]], content_type: str) -> None:
        super().__init__()
        self._reply = reply
        self._content_type = content_type

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        answer = self._reply(body)
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        response = requests.Response()
        response.status_code, response.url, response.request = status, str(request.url), request
        response.headers["Content-Type"] = self._content_type
        response.raw = HTTPResponse(io.BytesIO(content), response.headers, status, preload_content=False)
        return response

    def close(self) -> None:
        """There is nothing to close."""
