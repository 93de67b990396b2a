"""HTTP in and out: which bytes are the XML, and compression of the answer."""

from __future__ import annotations

import gzip
from urllib.parse import parse_qs

from include.sandbox.exchange import Request, Response

PATH = "/ia/xml/xmlgw.phtml"
_COMPRESS_FROM = 1024


def request_xml(request: Request) -> bytes:
    """The XML document: the body, or the form field ``xmlrequest``."""
    kind = request.headers.get("content-type", "").lower()
    if "x-www-form-urlencoded" in kind and not request.body.lstrip().startswith(b"<"):
        fields = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        return (fields.get("xmlrequest") or [""])[0].encode()
    return request.body


def answer(
    request: Request, status: int, text: str, *, gzipped: bool, content_type: str = 'text/xml; encoding="UTF-8"'
) -> Response:
    body = text.encode()
    headers = {"Content-Type": content_type}
    accepts = "gzip" in request.headers.get("accept-encoding", "").lower()
    if gzipped and accepts and len(body) >= _COMPRESS_FROM:
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
    return Response(status, headers, body)
