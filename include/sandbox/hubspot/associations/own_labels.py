"""An account's own association labels."""

from __future__ import annotations

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations.types import CATEGORIES, USER
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.errors import exists_already, invalid, not_found

FIRST = 1


def create(call: Call, from_name: str, to_name: str) -> Reply:
    """Makes a label for both directions."""
    kind, other = call.kind(from_name), call.kind(to_name)
    sent = call.json()
    label, name = body.required_text(sent, "label"), body.required_text(sent, "name")
    inverse = body.text(sent, "inverseLabel") or label
    if not label.strip() or len(label) > 200:
        raise invalid("label must have between 1 and 200 characters")
    db = call.world.db
    stored = db.documents("label").values()
    if any(old["name"] == name and {old["from"], old["to"]} == {kind.id, other.id} for old in stored):
        raise exists_already(f"A label named '{name[:100]}' already exists.", "AssociationLabels.LABEL_EXISTS")
    there = max((int(old["typeId"]) for old in stored), default=FIRST - 1) + 1
    same = kind is other and inverse == label
    back = there if same else there + 1
    rows = [(kind.id, other.id, there, back, label)]
    if not same:
        rows.append((other.id, kind.id, back, there, inverse))
    for start, end, type_id, opposite, text in rows:
        document = {"from": start, "to": end, "typeId": type_id, "back": opposite, "label": text, "name": name}
        db.put_document("label", f"{type_id:06d}", document)
    results = [{"category": CATEGORIES[USER], "typeId": type_id, "label": text} for _, _, type_id, _, text in rows]
    return Reply(200, {"results": results})


def rename(call: Call, from_name: str, to_name: str) -> Reply:
    kind, other = call.kind(from_name), call.kind(to_name)
    sent = call.json()
    type_id = body.as_whole("associationTypeId", body.required_text(sent, "associationTypeId"))
    key = f"{type_id:06d}"
    found = call.world.db.document("label", key)
    if found is None or (found["from"], found["to"]) != (kind.id, other.id):
        raise not_found()
    call.world.db.put_document("label", key, {**found, "label": body.required_text(sent, "label")})
    return Reply(204)


def delete(call: Call, from_name: str, to_name: str, type_id: str) -> Reply:
    call.kind(from_name), call.kind(to_name)
    db = call.world.db
    found = db.document("label", type_id.zfill(6))
    if found is not None:
        for number in {int(found["typeId"]), int(found["back"])}:
            db.drop_document("label", f"{number:06d}")
            db.run("DELETE FROM links WHERE category = ? AND type_id = ?", (USER, number))
    return Reply(204)
