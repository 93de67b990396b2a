"""Text into XML: what XML 1.0 cannot carry is taken out and reported, the rest is escaped by lxml.

One such character anywhere would make the gateway refuse the whole request (XL03000003), a hundred invoices with it.
"""

from __future__ import annotations

import logging
import re

from lxml import etree

log = logging.getLogger(__name__)

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


def clean_text(text: str, field: str) -> str:
    """``text`` without the characters that XML 1.0 forbids. How many were taken out of ``field`` is logged; the text
    itself never is."""
    cleaned, removed = _ILLEGAL.subn("", text)
    if removed:
        log.warning("%d characters that XML cannot carry were taken out of the field %s", removed, field)
    return cleaned


def is_field_name(name: str) -> bool:
    """Whether ``name`` can be an Intacct field (and with it an XML element): ASCII letters, digits, ``_ . -``."""
    return _NAME.match(name) is not None


def append(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """Add a child element, with cleaned text if there is any, and return it."""
    child = etree.SubElement(parent, name)
    if text:
        child.text = clean_text(text, name)
    return child
