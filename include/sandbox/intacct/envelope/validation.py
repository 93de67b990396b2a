"""Checks an element against its content model, in schema order; the first violation ends the request."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.envelope.parsing import Element, parse_failure

# Empty elements that shipped clients send where the schema has no place for them; the service accepts them.
TOLERATED = frozenset({"exchratetype", "locationid"})


def validate(element: Element, model: Model, *, strict: bool) -> None:
    """Raises ControlFailure at the first element or attribute the model does not allow.

    Not ``strict`` means that any empty element out of place is taken as absent; strict does so only for the few
    that official clients are known to send.
    """
    for attribute in map(str, element.attrib):
        if attribute not in model.attributes:
            raise _violation(element, 1866, f"The attribute '{attribute}' is not allowed.", attribute=attribute)
    state = model.start
    for child in model.in_order(element) if model.any_order else list(element):
        name = _name(child)
        after = model.step(state, name)
        if not after and _is_empty(child) and (name in TOLERATED or not strict):
            element.remove(child)
            continue
        if not after:
            raise _unexpected(child, model.expected(state))
        state = after
        _descend(child, name, model, strict=strict)
    if not model.complete(state):
        raise _violation(element, 1871, f"Missing child element(s). {_expected(model.expected(state))}")


def _descend(child: Element, name: str, model: Model, *, strict: bool) -> None:
    if name in model.unchecked:
        return
    inner = model.children.get(name)
    if inner is not None:
        validate(child, inner, strict=strict)
    elif len(child):
        raise _unexpected(child[0], [])


def _is_empty(element: Element) -> bool:
    return len(element) == 0 and not (element.text or "").strip() and not element.attrib


def _name(element: Element) -> str:
    return element.tag if isinstance(element.tag, str) else "#node"


def _expected(names: list[str]) -> str:
    if not names:
        return ""
    many = "Expected is one of" if len(names) > 1 else "Expected is"
    return f"{many} ( {', '.join(names)} )."


def _unexpected(child: Element, names: list[str]) -> Exception:
    return _violation(child, 1871, f"This element is not expected. {_expected(names)}".strip())


def _violation(element: Element, code: int, text: str, attribute: str | None = None) -> Exception:
    where = f"Element '{_name(element)}'" + (f", attribute '{attribute}'" if attribute else "")
    return parse_failure(f"Error {code}: {where}: {text} Line: {element.sourceline or 0}, column: 0.")
