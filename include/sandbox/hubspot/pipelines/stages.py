"""What a stage means (closed, won), and the pipelines a fresh account has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_SINCE = "2020-06-30T15:57:37.583Z"

_SALES = (
    ("appointmentscheduled", "Appointment scheduled", "false", "0.2"),
    ("qualifiedtobuy", "Qualified to buy", "false", "0.4"),
    ("presentationscheduled", "Presentation scheduled", "false", "0.6"),
    ("decisionmakerboughtin", "Decision maker bought-in", "false", "0.8"),
    ("contractsent", "Contract sent", "false", "0.9"),
    ("closedwon", "Closed won", "true", "1.0"),
    ("closedlost", "Closed lost", "true", "0.0"),
)
_SUPPORT = (
    ("1", "New", "OPEN"),
    ("2", "Waiting on contact", "OPEN"),
    ("3", "Waiting on us", "OPEN"),
    ("4", "Closed", "CLOSED"),
)
_ORDERS = (("open", "Open", "OPEN"), ("processed", "Processed", "OPEN"), ("delivered", "Delivered", "CLOSED"))


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    pipeline_id: str
    label: str
    closed: bool
    probability: str | None

    @property
    def won(self) -> bool:
        """Closed with certainty; the label says nothing."""
        return self.closed and _number(self.probability) == 1

    @property
    def lost(self) -> bool:
        return self.closed and _number(self.probability) == 0


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text is not None else None
    except InvalidOperation:
        return None


def stages_of(pipelines: Mapping[str, Mapping[str, Any]]) -> dict[str, Stage]:
    """All live stages of these pipelines (wire form) by stage id."""
    found = {}
    for pipeline in pipelines.values():
        for stage in pipeline["stages"]:
            if not stage.get("archived"):
                metadata = stage.get("metadata") or {}
                closed = str(metadata.get("isClosed", metadata.get("ticketState", ""))).lower() in {"true", "closed"}
                found[stage["id"]] = Stage(
                    stage["id"], pipeline["id"], stage["label"], closed, metadata.get("probability")
                )
    return found


def default_pipelines() -> dict[str, list[dict[str, Any]]]:
    """By type id, the pipelines of a fresh account."""
    sales = [(sid, label, {"isClosed": closed, "probability": odds}) for sid, label, closed, odds in _SALES]
    support = [(sid, label, {"isClosed": _closed(state), "ticketState": state}) for sid, label, state in _SUPPORT]
    orders = [(sid, label, {"isClosed": _closed(state)}) for sid, label, state in _ORDERS]
    return {
        "0-3": [_pipeline("default", "Sales Pipeline", sales)],
        "0-5": [_pipeline("0", "Support Pipeline", support)],
        "0-123": [_pipeline("default", "Order Pipeline", orders)],
    }


def _closed(state: str) -> str:
    return "true" if state == "CLOSED" else "false"


def _pipeline(pipeline_id: str, label: str, rows: list[tuple[str, str, dict[str, str]]]) -> dict[str, Any]:
    return {
        "id": pipeline_id,
        "label": label,
        "displayOrder": 0,
        "archived": False,
        "createdAt": _SINCE,
        "updatedAt": _SINCE,
        "stages": [
            {
                "id": stage_id,
                "label": stage_label,
                "displayOrder": order,
                "metadata": metadata,
                "archived": False,
                "createdAt": _SINCE,
                "updatedAt": _SINCE,
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            }
            for order, (stage_id, stage_label, metadata) in enumerate(rows)
        ],
    }
