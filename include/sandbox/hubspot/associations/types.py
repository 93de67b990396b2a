"""The association types HubSpot defines: numbers, names and which one stands for the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.sandbox.hubspot.catalogue import BY_NAME, ObjectType

HUBSPOT, USER = 0, 1
CATEGORIES = ("HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED", "WORK")


@dataclass(frozen=True, slots=True)
class LinkType:
    """One direction of an association type. ``back`` is the type id seen from the other side."""

    category: int
    type_id: int
    back: int
    label: str | None = None
    primary: bool = False


# from, to, there, back. The first line of a pair is its plain type; ``primary`` marks the labelled one.
_PAIRS = """
deal company 341 342
deal company 5 6 primary
deal contact 3 4
deal deal 451 451
contact company 279 280
contact company 1 2 primary
contact contact 449 449
company company 450 450
company company 13 14 parent
ticket company 339 340
ticket company 26 25 primary
ticket contact 16 15
ticket deal 28 27
task contact 204 203
task company 192 191
task deal 216 215
task ticket 230 229
task quote 218 217
task order 727 726
note contact 202 201
note company 190 189
note deal 214 213
note ticket 228 227
note order 765 764
call contact 194 193
call company 182 181
call deal 206 205
email contact 198 197
email company 186 185
email deal 210 209
meeting contact 200 199
meeting company 188 187
meeting deal 212 211
communication contact 81 82
communication company 87 88
communication deal 85 86
line_item deal 20 19
line_item quote 68 67
line_item invoice 410 409
line_item order 514 513
line_item subscription 302 301
line_item commerce_payment 396 395
invoice contact 177 178
invoice company 179 180
invoice deal 175 176
invoice quote 407 408
invoice order 517 518
invoice commerce_payment 541 542
invoice discount 411 412
invoice fee 413 414
invoice tax 415 416
invoice subscription 622 623
invoice ticket 986 985
quote deal 64 63
quote contact 69 70
quote company 71 72
quote quote_template 286 285
order contact 507 508
order company 934 935
order company 509 510 primary
order deal 512 511
commerce_payment contact 387 388
commerce_payment company 389 390
commerce_payment deal 391 392
commerce_payment order 524 523
subscription contact 295 296
subscription company 297 298
subscription deal 299 300
"""

_LABELS = {"primary": ("Primary", "Primary"), "parent": ("Child Company", "Parent Company")}


def _read() -> dict[tuple[str, str], tuple[LinkType, ...]]:
    found: dict[tuple[str, str], tuple[LinkType, ...]] = {}
    for line in _PAIRS.strip().splitlines():
        left, right, there, back, *flag = line.split()
        there_label, back_label = _LABELS[flag[0]] if flag else (None, None)
        primary = flag == ["primary"]
        ends = (BY_NAME[left].id, BY_NAME[right].id)
        forward = LinkType(HUBSPOT, int(there), int(back), there_label, primary)
        backward = LinkType(HUBSPOT, int(back), int(there), back_label)
        found[ends] = (*found.get(ends, ()), forward)
        if forward.type_id != backward.type_id:
            found[ends[::-1]] = (*found.get(ends[::-1], ()), backward)
    return found


DEFINED = _read()


def types_between(labels: Mapping[str, Any], from_id: str, to_id: str) -> tuple[LinkType, ...]:
    """All types of a direction, the plain one first; ``labels`` are the account's own (documents of kind ``label``)."""
    own = tuple(
        LinkType(USER, int(body["typeId"]), int(body["back"]), body["label"])
        for body in labels.values()
        if body["from"] == from_id and body["to"] == to_id
    )
    return (*DEFINED.get((from_id, to_id), ()), *own)


def v3_name(from_kind: ObjectType, to_kind: ObjectType) -> str:
    """``deal_to_company``, the type text of the v3 paths."""
    return f"{from_kind.singular}_to_{to_kind.singular}"
