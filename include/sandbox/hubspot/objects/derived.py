"""Properties that are no stored values but follow from the row or from associations, as SQL over a row ``o``.

Reading and searching use the same expressions.
"""

from __future__ import annotations

from functools import cache

from include.sandbox.hubspot.catalogue import BY_ID


def _count(from_type: str, to_type: str) -> str:
    return (
        f"(SELECT CAST(count(DISTINCT l.to_id) AS TEXT) FROM links l"  # noqa: S608 - our own type ids
        f" WHERE l.from_type = '{from_type}' AND l.from_id = o.id AND l.to_type = '{to_type}')"
    )


def _first(from_type: str, to_type: str, type_id: int) -> str:
    return (
        f"(SELECT CAST(l.to_id AS TEXT) FROM links l"  # noqa: S608
        f" WHERE l.from_type = '{from_type}' AND l.from_id = o.id AND l.to_type = '{to_type}'"
        f" AND l.category = 0 AND l.type_id = {type_id} LIMIT 1)"
    )


def _sum_of_items(from_type: str, name: str) -> str:
    return (
        f"(SELECT exact_sum(json_extract(i.props, '$.\"{name}\"')) FROM objects i WHERE i.type = '0-8'"  # noqa: S608
        f" AND i.archived_at IS NULL AND i.id IN (SELECT l.to_id FROM links l WHERE l.from_type = '{from_type}'"
        f" AND l.from_id = o.id AND l.to_type = '0-8'))"
    )


_FROM_LINKS = {
    "0-1": {
        "associatedcompanyid": _first("0-1", "0-2", 1),
        "num_associated_deals": _count("0-1", "0-3"),
    },
    "0-2": {
        "num_associated_contacts": _count("0-2", "0-1"),
        "num_associated_deals": _count("0-2", "0-3"),
        "hs_parent_company_id": _first("0-2", "0-2", 14),
        "hs_num_child_companies": (
            "(SELECT CAST(count(*) AS TEXT) FROM links l WHERE l.from_type = '0-2' AND l.from_id = o.id"
            " AND l.to_type = '0-2' AND l.category = 0 AND l.type_id = 13)"
        ),
    },
    "0-3": {
        "hs_num_of_associated_line_items": _count("0-3", "0-8"),
        "num_associated_contacts": _count("0-3", "0-1"),
        "hs_primary_associated_company": _first("0-3", "0-2", 5),
        **{name: _sum_of_items("0-3", name) for name in ("hs_mrr", "hs_arr", "hs_acv", "hs_tcv")},
    },
}

_FROM_ROW = {
    "hs_object_id": "CAST(o.id AS TEXT)",
    "hs_object_source": "o.source_type",
    "hs_object_source_label": "o.source_type",
    "hs_object_source_id": "nullif(o.source_id, '')",
    "hs_object_source_user_id": "CAST(o.user_id AS TEXT)",
    "hs_created_by_user_id": "CAST(o.user_id AS TEXT)",
}


@cache
def derived(type_id: str) -> dict[str, str]:
    """Name to SQL expression giving its text or NULL. Creation and modification times are not among them."""
    return {**_FROM_ROW, **_FROM_LINKS.get(type_id, {})}


@cache
def instants(type_id: str) -> dict[str, str]:
    """The properties that are instants of the row: name to column."""
    kind = BY_ID[type_id]
    return {kind.created: "created", kind.modified: "updated"}
