"""Slack's incoming webhooks, as a twin: what they take is kept among the messages and shown on the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from include.sandbox.access import SLACK_PATH
from include.sandbox.exchange import Request, Response
from include.sandbox.mail.messages import Messages

PREFIX = "/slack/services/"
_MOST_BLOCKS = 50
_LONGEST_HEADER = 150


class SlackTwin:
    """Answers as Slack does: 200 ``ok``; 400 ``invalid_payload``, ``no_text``, ``invalid_blocks``; 404 ``no_service``
    for a webhook that is not there; its 429 comes by a fault with ``system="slack"``."""

    name = "slack"

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def owns(self, request: Request) -> bool:
        return request.path.startswith(PREFIX)

    def label(self, request: Request) -> str:
        return "webhook"

    def handle(self, request: Request) -> Response:
        if request.path != SLACK_PATH:
            return _text(404, "no_service")
        if request.method != "POST":
            return _text(405, "method_not_allowed")
        try:
            payload = json.loads(request.body)
        except ValueError:
            payload = None
        if not isinstance(payload, dict):
            return _text(400, "invalid_payload")
        wrong = _wrong(payload)
        if wrong:
            return _text(400, wrong)
        self._messages.add_slack(payload)
        return _text(200, "ok")

    def reset(self) -> None:
        self._messages.clear()

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Webhooks hold nothing that could be seeded."""

    def export(self) -> Iterator[Mapping[str, Any]]:
        return self._messages.listing("slack")


def _wrong(payload: Mapping[str, Any]) -> str:
    """What Slack refuses about this payload."""
    blocks = payload.get("blocks")
    if not payload.get("text") and not blocks and not payload.get("attachments"):
        return "no_text"
    if blocks is None:
        return ""
    if not isinstance(blocks, list) or len(blocks) > _MOST_BLOCKS:
        return "invalid_blocks"
    return "" if all(_is_block(block) for block in blocks) else "invalid_blocks"


def _is_block(block: Any) -> bool:
    if not isinstance(block, dict):
        return False
    match block.get("type"):
        case "header":
            text = block.get("text")
            if not isinstance(text, dict) or text.get("type") != "plain_text":
                return False
            return 0 < len(str(text.get("text", ""))) <= _LONGEST_HEADER
        case "rich_text":
            elements = block.get("elements")
            return isinstance(elements, list) and all(_is_rich(element) for element in elements)
        case "section" | "divider" | "context" | "actions" | "image":
            return True
    return False


def _is_rich(element: Any) -> bool:
    """Slack refuses empty texts and links without an address."""
    if not isinstance(element, dict) or not isinstance(element.get("elements"), list):
        return False
    return all(
        isinstance(part, dict) and bool(part.get("url" if part.get("type") == "link" else "text"))
        for part in element["elements"]
    )


def _text(status: int, word: str) -> Response:
    return Response(status, {"Content-Type": "text/html; charset=utf-8"}, word.encode())
