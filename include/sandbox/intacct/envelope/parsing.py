"""Reading XML bytes from anyone: no DTD, no entities, no network, bounded size."""

from __future__ import annotations

from lxml import etree

from include.sandbox.intacct.errors import ControlFailure, ErrorEntry

Element = etree._Element


def parse_failure(text: str) -> ControlFailure:
    """XL03000003 in the shape of the service's schema parser."""
    entry = ErrorEntry("XL03000003", f"XML Parse schema error: {text}", support_id=True)
    return ControlFailure(entry)


def parse_request(body: bytes, limit: int) -> Element:
    """The root element, without comments. Raises ControlFailure for anything that is not plain, small XML."""
    if len(body) > limit:
        raise parse_failure("Fatal Error 1: Document exceeds the size limit. Line: 1, column: 1.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise _syntax_failure(error) from None
    except (ValueError, LookupError):
        raise parse_failure("Fatal Error 32: Unsupported encoding. Line: 1, column: 1.") from None
    if root is None:
        raise parse_failure("Fatal Error 4: Document is empty. Line: 1, column: 1.")
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise parse_failure("Fatal Error 117: A document type declaration is not allowed. Line: 1, column: 1.")
    return root


def _syntax_failure(error: etree.XMLSyntaxError) -> ControlFailure:
    line, column = error.position if error.position else (1, 1)
    code = getattr(error, "code", 1)
    message = str(error.msg or "Document is empty").split(", line ")[0]
    return parse_failure(f"Fatal Error {code}: {message} Line: {line}, column: {column}.")


def text_of(element: Element | None) -> str:
    """The element's own text, stripped; empty for a missing element."""
    if element is None or element.text is None:
        return ""
    text: str = element.text
    return text.strip()


def texts_of(element: Element) -> dict[str, str]:
    """The children's texts by name, stripped; for elements whose children occur once."""
    return {str(child.tag): (child.text or "").strip() for child in element}


def child_text(element: Element, name: str) -> str:
    return text_of(element.find(name))
