"""Looking a connection over: what works, what is missing, in sentences for the person who can repair it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.errors import to_read_exception
from include.connectors.intacct.query import KEY, build_query
from include.connectors.intacct.target import IntacctTarget
from include.core.errors import TieoutError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``unknown`` is what the API does not tell: no problem by itself."""

    subject: str
    state: Literal["ok", "problem", "unknown"]
    message: str


def check_connection(
    client: IntacctClient, needed: Mapping[str, str], document_key: DocumentKey | None = None
) -> list[Finding]:
    """Sign in afresh, read one record of every object of ``needed`` (object -> what people call it), look the document
    key up. Writes nothing.

    Never raises for what the gateway answers: that is a finding. Where the sign-in fails, it is the only one.
    """
    try:
        client.login()
    except TieoutError as error:
        return [Finding("sign-in", "problem", str(error))]
    where = f"entity {client.entity_id}" if client.entity_id else "the top level"
    signed_in = f"User {client.user_id} is signed in to company {client.company_id} at {where}."
    findings = [Finding("sign-in", "ok", signed_in)]
    try:
        findings += _permissions(client, needed)
        if document_key is not None:
            findings += _document_key(client, document_key)
    except TieoutError as error:
        findings.append(Finding("reading", "problem", str(error)))
    return findings


def in_one_text(findings: Sequence[Finding]) -> tuple[bool, str]:
    """Whether there is no problem, and everything in one text, problems first."""
    problems = [finding for finding in findings if finding.state == "problem"]
    others = [finding for finding in findings if finding.state != "problem"]
    return not problems, " ".join(finding.message for finding in (*problems, *others))


def _permissions(client: IntacctClient, needed: Mapping[str, str]) -> list[Finding]:
    """All reads go in one request. Whether the user may create cannot be asked without creating."""
    functions = [
        Function(build_query(object_name, (KEY,), ordered=False, page_size=1), object_name) for object_name in needed
    ]
    failed = {
        result.controlid: to_read_exception(result.failure, needed[result.controlid])
        for result in client.call(functions)
        if not result.ok
    }
    problems = [Finding(f"read {name}", "problem", str(error)) for name, error in failed.items()]
    readable = [what for name, what in needed.items() if name not in failed]
    may = [Finding("read", "ok", f"The user may read {_listed(readable)}.")] if readable else []
    return [*problems, *may]


def _document_key(client: IntacctClient, key: DocumentKey) -> list[Finding]:
    try:
        IntacctTarget(client, key).check_document_key()
    except TieoutError as error:
        return [Finding("document key", "problem", str(error))]
    findings = [Finding("document key", "ok", f"Invoices can be looked up by {key.queried_field}.")]
    where = "; an administrator sees it in the configuration of Accounts Receivable" if key.kind == "number" else ""
    doubt = (
        f"Whether the company refuses a second invoice of the same {key.queried_field} is not told by the API{where}."
    )
    return [*findings, Finding("duplicates", "unknown", doubt)]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
