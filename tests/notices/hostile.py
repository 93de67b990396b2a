"""Three hundred strings that try to be something else than text."""

from __future__ import annotations

_STARTS = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<!-- --><b>",
    "]]><svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "&lt;script&gt;",
    "&#60;script&#62;",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<!channel> <@U123> <https://evil.example|click>",
    "```*bold*``` _x_ ~y~",
    "{{ conn.smtp_default.password }} ${PATH} %(x)s {0}",
    '=HYPERLINK("https://evil.example")',
    ".",
    "..",
    "From someone",
    "x" * 3_000,
    "=?utf-8?b?PHNjcmlwdD4=?=",
)
_BREAKS = (
    "",
    "\r\nBcc: evil@evil.example\r\n\r\n",
    "\nSubject: other",
    "\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n",
    "\x00\x1b[31m\x07\x08",
    "\u2028\u2029\x85\x0b\x0c",
    "\u202egnp.exe\u202c",
    "\ud800",
    "\ufdd0\uffff",
    "%0d%0aBcc: evil@evil.example",
    "\u200e\u061c\u2066\u2069\ufeff",
    "\ud83d\ude00 Z\u0338a\u0334l\u0300g\u0301o",
    "\t\t\u00a0\u3000",
    "\r",
    "Gr\u00fc\u00dfe \u20ac \U0001f4b8",
)
HOSTILE = [start + between + start for start in _STARTS for between in _BREAKS]
assert len(HOSTILE) == 300
