"""The queue of events: what is due goes out in signed requests of up to 100 events; failures come again later.

Once-only and order are not promised, and two switches break them on purpose.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from include.sandbox.hubspot.webhooks import signatures
from include.sandbox.hubspot.world import World

MAX_EVENTS = 100
ANSWER_WITHIN_MS = 5_000
MAX_RETRIES = 10
_RETRY_MINUTES = (1, 5, 15, 30, 60, 120, 180, 240, 300, 480)  # 24 hours in all
_NEW_ID = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to make. Tell the outcome with ``HubSpotTwin.delivered(id, status)``."""

    id: int
    app_id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def add(world: World, app_id: str, subscription_id: int, event: Mapping[str, Any], now: int) -> None:
    """Queue one event, every n-th of them twice if the switch says so."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    sql = "INSERT INTO events (app_id, subscription_id, body, due, event_id) VALUES (?, ?, ?, ?, ?)"
    seq = world.db.run(sql, (app_id, subscription_id, text, now, None)).lastrowid
    world.events_queued += 1
    every = world.switches.webhook_duplicates
    if every and world.events_queued % every == 0:
        world.db.run(sql, (app_id, subscription_id, text, now, seq))


def waiting(world: World) -> bool:
    """Whether there is any event at all: most of the time there is not, and nothing need be locked to know."""
    return world.db.one("SELECT 1 FROM events LIMIT 1") is not None


def due(world: World, now: int) -> list[Delivery]:
    """The requests to make now, at most the app's allowed number under way. Calling it takes them."""
    with world.db.transaction():
        for delivery_id, sent_at in world.db.rows("SELECT id, sent_at FROM deliveries"):
            if sent_at + ANSWER_WITHIN_MS < now:
                _settle(world, delivery_id, None, now)
        found: list[Delivery] = []
        for app_id, settings in world.db.documents("webhook_settings").items():
            found.extend(_of_app(world, app_id, settings, now))
        return found


def settle(world: World, delivery_id: int, status: int | None, now: int) -> None:
    """The outcome of a delivery; ``status`` None: no answer. Unknown ids are ignored."""
    with world.db.transaction():
        _settle(world, delivery_id, status, now)


def _of_app(world: World, app_id: str, settings: Mapping[str, Any], now: int) -> list[Delivery]:
    url = str(settings.get("targetUrl") or "")
    under_way = world.db.one("SELECT count(*) FROM deliveries WHERE app_id = ?", (app_id,))[0]
    found: list[Delivery] = []
    while url and under_way + len(found) < int(settings.get("maxConcurrentRequests", 10)):
        rows = _next_batch(world, app_id, now)
        if not rows:
            break
        found.append(_delivery(world, app_id, settings, rows, now))
    return found


def _next_batch(world: World, app_id: str, now: int) -> Sequence[Any]:
    """Events of the same attempt, oldest first."""
    first = world.db.one(
        "SELECT attempt FROM events WHERE app_id = ? AND delivery IS NULL AND due <= ? ORDER BY due, seq LIMIT 1",
        (app_id, now),
    )
    if first is None:
        return []
    rows: list[Any] = world.db.rows(
        "SELECT seq, event_id, attempt, body FROM events"
        " WHERE app_id = ? AND delivery IS NULL AND due <= ? AND attempt = ? ORDER BY due, seq LIMIT ?",
        (app_id, now, first[0], MAX_EVENTS),
    )
    return rows[::-1] if world.switches.webhook_reorders else rows


def _delivery(world: World, app_id: str, settings: Mapping[str, Any], rows: Sequence[Any], now: int) -> Delivery:
    attempt = rows[0][2]
    delivery_id = world.db.run(
        "INSERT INTO deliveries (app_id, attempt, sent_at) VALUES (?, ?, ?)", (app_id, attempt, now)
    ).lastrowid
    world.db.many("UPDATE events SET delivery = ? WHERE seq = ?", [(delivery_id, row[0]) for row in rows])
    events = []
    for seq, event_id, _, text in rows:
        own = event_id or seq
        if attempt and not world.switches.webhook_retry_keeps_event_id:
            own += attempt * _NEW_ID
        events.append({"eventId": own, **json.loads(text), "attemptNumber": attempt})
    raw = json.dumps(events, ensure_ascii=False, separators=(",", ":")).encode()
    url = str(settings["targetUrl"])
    secret = _secret(world, app_id)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) - WebHooks",
        **signatures.headers(secret, "POST", url, raw, now, version=str(settings.get("signatureVersion", "v3"))),
    }
    return Delivery(int(delivery_id or 0), app_id, "POST", url, headers, raw)


def _secret(world: World, app_id: str) -> str:
    app = world.db.document("app", app_id) or {}
    return str(app.get("client_secret") or world.account.body.get("client_secret") or "")


def _settle(world: World, delivery_id: int, status: int | None, now: int) -> None:
    db = world.db
    found = db.one("SELECT attempt FROM deliveries WHERE id = ?", (delivery_id,))
    if found is None:
        return
    db.run("DELETE FROM deliveries WHERE id = ?", (delivery_id,))
    attempt = found[0]
    if (status is not None and 200 <= status < 300) or attempt >= MAX_RETRIES:
        db.run("DELETE FROM events WHERE delivery = ?", (delivery_id,))
        return
    again = now + _wait_ms(delivery_id, attempt)
    db.run("UPDATE events SET delivery = NULL, attempt = attempt + 1, due = ? WHERE delivery = ?", (again, delivery_id))


def _wait_ms(delivery_id: int, attempt: int) -> int:
    """The wait before the next try, spread by up to a tenth either way (always the same for the same delivery)."""
    spread = hashlib.sha256(f"{delivery_id}/{attempt}".encode()).digest()[0] / 255
    return int(_RETRY_MINUTES[attempt] * 60_000 * (0.9 + 0.1 * spread))
