"""The month's end: may it be closed? Played when every flow has settled, because it asks whether both systems agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tieout.local.story.scene import Chapter, Check, Scene

TIE_OUT, REVENUE, CLOSE = "tie_out", "revenue_report", "close_pack"
REPORTS = (TIE_OUT, REVENUE, CLOSE)
_ENTITY = "100"
# What only a person can say of a month: the rest must be green.
_FOR_A_PERSON = {"holds", "deals_without_document", "unapplied", "without_entity"}


def _finance_asks(scene: Scene) -> str:
    return f"Finance asks whether entity {_ENTITY} may close the month that ended on {_last_month(scene)}."


def _not_yet(scene: Scene) -> Iterable[Check]:
    red = _red(scene)
    yield Check("The pack is red", bool(red))
    yield Check("It says that nothing was compared yet", {TIE_OUT, REVENUE} <= red.keys())
    yield Check("Each reason that can be mended says how", all(red[name]["next_step"] for name in (TIE_OUT, REVENUE)))


def _the_next_steps(scene: Scene) -> str:
    return "Finance does the next steps: it has both systems compared, and the revenue report made."


def _both_agree(scene: Scene) -> Iterable[Check]:
    note = _newest_note(scene, TIE_OUT)
    counts: Mapping[str, int] = note.get("won_deals", {})
    yield Check("Both systems agree to the cent", bool(note.get("green")))
    deals = [one for one in scene.control.books("hubspot") if one["type"] == "deals" and not one["archived"]]
    won = sum(one["properties"].get("hs_is_closed_won") == "true" for one in deals)
    yield Check(f"Each of {won} won deals is in one class", sum(counts.values()) == won)


def _finance_looks_again(scene: Scene) -> str:
    return "The pack is made again."


def _what_is_left(scene: Scene) -> Iterable[Check]:
    found = _checks(scene)
    yield Check("At the month's end subledger and control account agree", found["control"]["state"] == "green")
    yield Check("What is red is for a person to decide", _red(scene).keys() <= _FOR_A_PERSON)
    yield Check("Each of it can be accepted as it is", all(one["token"] for one in _red(scene).values()))


def _finance_accepts(scene: Scene) -> str:
    return "Finance explains what stays open, and accepts just that: " + "; ".join(
        str(one["title"]) for one in _red(scene).values()
    )


def _acceptance(scene: Scene) -> Mapping[str, Any]:
    return {**_period(scene), "accept": [one["token"] for one in _red(scene).values()]}


def _it_is_green_and_proved(scene: Scene) -> Iterable[Check]:
    yield Check("The pack is green", not _red(scene))
    pack = _newest_pack(scene)
    command = [sys.executable, "-m", "include.reports.verify", str(pack)]
    state = {"TIEOUT_STATE_URL": f"sqlite:///{scene.state_file}"}
    told = subprocess.run(command, env={**os.environ, **state}, capture_output=True, text=True, check=False)
    yield Check(f"Its files, chain and approvals are proved: {told.stdout.strip()}", told.returncode == 0)


def _period(scene: Scene) -> Mapping[str, Any]:
    return {"entity": _ENTITY, "period": _last_month(scene)}


CLOSE_CHAPTERS = (
    Chapter("A month is to be closed", _finance_asks, [CLOSE], _not_yet, _period),
    Chapter("Both systems are compared", _the_next_steps, [TIE_OUT, REVENUE], _both_agree),
    Chapter("What is left for a person", _finance_looks_again, [CLOSE], _what_is_left, _period),
    Chapter("The month may be closed", _finance_accepts, [CLOSE], _it_is_green_and_proved, _acceptance),
)


def _last_month(scene: Scene) -> str:
    """The last day of the month before; the demo company's periods are months."""
    return (scene.today.replace(day=1) - timedelta(days=1)).isoformat()


def _newest_note(scene: Scene, flow: str) -> Mapping[str, Any]:
    return next((one.note for one in scene.notes(flow)), {})


def _newest_pack(scene: Scene) -> Path:
    """The pack that the last run made or found. Raises ``LookupError`` where there is none."""
    for name in _newest_note(scene, CLOSE).get("folders", {}):
        return scene.reports / CLOSE / str(name)
    raise LookupError("no close pack")


def _checks(scene: Scene) -> dict[str, Mapping[str, Any]]:
    try:
        summary = json.loads((_newest_pack(scene) / "summary.json").read_text())
    except OSError:
        raise LookupError("the close pack has no summary") from None
    return {one["name"]: one for one in summary["checks"]}


def _red(scene: Scene) -> dict[str, Mapping[str, Any]]:
    return {name: one for name, one in _checks(scene).items() if one["state"] == "red"}
