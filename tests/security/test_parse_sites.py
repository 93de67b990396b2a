"""Every place in the code that makes something of bytes or text which others wrote. A new one fails here until the
table says what comes in there and which test attacks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PARSERS = re.compile(
    r"json\.loads?|json\.JSONDecoder|(lxml\.)?etree\.(fromstring|fromstringlist|XML|HTML|parse|iterparse|XMLPullParser)"
    r"|lxml\.(html|objectify|sax)\..*|xml\.(?!sax\.saxutils\.escape).*|defusedxml\..*|xmltodict\..*|html\.parser\..*"
    r"|yaml\..*load.*|(pickle|marshal|shelve|dill|cloudpickle|plistlib|tarfile|configparser|tomllib|msgpack)\..*"
    r"|csv\.(reader|DictReader)|zipfile\.ZipFile|(gzip|zlib|bz2|lzma)\.(decompress.*|open|.*File)|email\.message_from.*"
    r"|ast\.literal_eval|pandas\.read_.*|(orjson|ujson|simplejson)\.loads?|eval|exec|compile|.*\.(json|get_single_node)"
)
"""Calls that parse, by their whole names; the last ones by what is called on anything (``answer.json()``)."""
_BUILTINS = {"eval", "exec", "compile"}

OURS, TRUSTED = "what this project wrote itself, in a folder that only its owner enters", "what whoever runs it wrote"
TWINS = "the sandbox, on the loopback interface, for tests and the demo"
ATTACKED = "security/test_xml_attacks.py::test_every_attack"
SITES: dict[str, str] = {
    # What other systems send: the test that attacks the place.
    "include/connectors/intacct/replies.py lxml.etree.XMLPullParser": ATTACKED,
    "include/connectors/hubspot/wire.py json.loads": "security/test_mutated_replies.py::test_mutated_json",
    "include/connectors/intacct/sessions.py json.loads": "connectors/intacct/test_sessions.py::test_a_foreign_blob",
    # What a company writes.
    "include/core/settings_yaml.py .loader.get_single_node": "core/test_settings.py::test_a_file_of_nested_aliases",
    "plugins/tieout/local/settings_file.py yaml.safe_load": TRUSTED,
    "plugins/tieout/local/settings_file.py json.loads": TRUSTED,
    # What Tieout left on disk, or what its own processes tell each other.
    "include/flows/close/newest.py json.loads": OURS,
    "include/reports/explain.py json.loads": OURS,
    "include/reports/folder.py json.loads": OURS,
    "include/reports/manifest.py json.loads": OURS,
    "include/reports/manifest.py csv.reader": OURS,
    "include/reports/revenue_closed.py json.loads": OURS,
    "include/reports/revenue_staging.py json.loads": OURS,
    "include/reports/verify_state.py csv.DictReader": OURS,
    "plugins/tieout/local/airflow_api.py .answer.json": OURS,
    "plugins/tieout/local/applying.py json.loads": OURS,
    "plugins/tieout/local/components.py json.loads": OURS,
    "plugins/tieout/local/environment.py json.loads": OURS,
    "plugins/tieout/local/following.py json.loads": OURS,
    "plugins/tieout/local/prepare.py json.loads": OURS,
    "plugins/tieout/local/session.py json.loads": OURS,
    "plugins/tieout/local/story/the_close.py json.loads": OURS,
    "plugins/tieout/local/virtual_environment.py json.loads": OURS,
    # The twins; what their parser of requests withstands is tested all the same.
    "include/sandbox/intacct/envelope/parsing.py lxml.etree.fromstring": ATTACKED,
    "include/sandbox/fault_refusals.py lxml.etree.fromstring": TWINS,
    "include/sandbox/people.py lxml.etree.fromstring": TWINS,
}


def _names(tree: ast.AST) -> dict[str, str]:
    """What a name at the top of a call stands for, by the module's imports."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.partition(".")[0]
                known[one.asname or top] = one.name if one.asname else top
        elif isinstance(node, ast.ImportFrom):
            known |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return known


def _dotted(node: ast.AST, known: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, known)}.{node.attr}"
    if isinstance(node, ast.Name):
        return known.get(node.id) or (node.id if node.id in _BUILTINS else f".{node.id}")
    return "."


def parse_calls(code: str) -> Iterator[str]:
    tree = ast.parse(code)
    known = _names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _dotted(node.func, known)
            if PARSERS.fullmatch(name):
                yield name


def test_every_place_that_parses_is_known_with_what_comes_in_and_who_attacks_it() -> None:
    """Of the sandbox only the XML is listed: its JSON comes from its own clients, on the loopback interface."""
    found = {
        f"{path.relative_to(ROOT)} {name}"
        for folder in ("include", "plugins", "dags")
        for path in (ROOT / folder).rglob("*.py")
        for name in parse_calls(path.read_text())
        if "xml" in name or not path.is_relative_to(ROOT / "include" / "sandbox")
    }
    assert found == SITES.keys()


@pytest.mark.parametrize("attack", sorted({told for told in SITES.values() if "::" in told}))
def test_the_attacks_that_are_named_are_there(attack: str) -> None:
    file, _, start = attack.partition("::")
    code = (ROOT / "tests" / file).read_text()
    assert re.search(rf"^def {start}", code, re.MULTILINE)


@pytest.mark.parametrize(
    "code",
    [
        "import json\njson.loads(x)",
        "from json import loads as read\nread(x)",
        "from lxml import etree\netree.fromstring(x)",
        "import xml.etree.ElementTree as tree\ntree.parse(x)",
        "from xml.dom import minidom\nminidom.parseString(x)",
        "import defusedxml.ElementTree\ndefusedxml.ElementTree.fromstring(x)",
        "import requests\nrequests.get(x).json()",
        "import yaml\nyaml.load(x, yaml.Loader)",
        "import pickle\npickle.loads(x)",
        "import pandas as pd\npd.read_excel(x)",
        "eval(x)",
    ],
)
def test_the_search_sees_a_place_however_it_is_written(code: str) -> None:
    assert len(list(parse_calls(code))) == 1
