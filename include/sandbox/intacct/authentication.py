"""Who sends: the sender at control level, then login or session per operation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from include.sandbox.intacct.envelope.request import Control, Login, Operation
from include.sandbox.intacct.errors import (
    AuthenticationFailure,
    ControlFailure,
    ErrorEntry,
    GatewayFailure,
    bad_sign_in,
)
from include.sandbox.intacct.sessions import Session, resume
from include.sandbox.intacct.store.database import Database
from include.sandbox.intacct.switches import Switches
from include.sandbox.intacct.tenant import Tenant, User

_INCORRECT = "Sign-in information is incorrect"


@dataclass(frozen=True, slots=True)
class Caller:
    session: Session
    user: User


def check_sender(tenant: Tenant, control: Control) -> None:
    """Raises ControlFailure (wrong sender, unknown policy, expired company) or GatewayFailure (inactive tenant)."""
    if tenant["inactive"]:
        raise GatewayFailure(400, "GW-0011", "Invalid Request [Request ID: sandbox]")
    if tenant["expired_demo"]:
        text = "This company is an expired demonstration company."
        raise ControlFailure(ErrorEntry("PL04000055", text), anonymous=True)
    known = tenant.sender(control.senderid)
    if known is None or known["password"] != control.password:
        raise ControlFailure(ErrorEntry("XL03000006", _INCORRECT))
    if control.policyid and control.policyid not in tenant["policies"].split(","):
        raise ControlFailure(ErrorEntry("XL03000006", f"{control.policyid} is not a valid transport policy."))


def authenticate(
    db: Database, tenant: Tenant, switches: Switches, control: Control, operation: Operation, now: datetime
) -> Caller:
    """Raises AuthenticationFailure, or GatewayFailure where the switch says so."""
    if operation.login is None:
        return _by_session(db, tenant, switches, operation.sessionid, now)
    return _by_login(db, tenant, switches, control, operation.login, now)


def _by_session(db: Database, tenant: Tenant, switches: Switches, token: str, now: datetime) -> Caller:
    session = resume(db, token, now, switches.session_duration) if token else None
    user = tenant.user(session.userid) if session else None
    if session is None or user is None:
        raise AuthenticationFailure(ErrorEntry("XL03000006", f"Invalid session {token}"))
    return Caller(session, user)


def _by_login(
    db: Database, tenant: Tenant, switches: Switches, control: Control, login: Login, now: datetime
) -> Caller:
    company, entity = _company(login)
    user = tenant.user(login.userid, login.password)
    if company != tenant["company_id"] or user is None:
        if switches.wrong_login == "gateway":
            raise bad_sign_in()
        raise AuthenticationFailure(ErrorEntry("XL03000006", _INCORRECT), login.userid, login.companyid)
    _check_authorised(tenant, control, login)
    if entity and not db.exists("LOCATIONENTITY", "LOCATIONID", entity):
        text = f"The location ID '{entity}' is not valid."
        raise AuthenticationFailure(ErrorEntry("XL03000006", text), login.userid, login.companyid)
    return Caller(Session("", user.userid, entity, now + switches.session_duration), user)


def _check_authorised(tenant: Tenant, control: Control, login: Login) -> None:
    if tenant["xml_gateway"] != "true":
        text = "This company is not authorized for XML transactions. Please subscribe to the XML Gateway."
        raise AuthenticationFailure(ErrorEntry("", text), login.userid, login.companyid)
    known = tenant.sender(control.senderid)
    if known is None or not known["authorised"]:
        entry = ErrorEntry(
            "XL03000006",
            f"The sender ID '{control.senderid}' is not authorized to make Web Services requests to company ID "
            f"'{login.companyid}'.",
            "Invalid Web Services Authorization",
            "Contact the company administrator to grant authorization to this sender ID.",
        )
        raise AuthenticationFailure(entry, login.userid, login.companyid)


def _company(login: Login) -> tuple[str, str]:
    """Company and entity; console users write ``console|client`` or ``console|client|entity``."""
    parts = login.companyid.split("|")
    company = parts[1] if len(parts) > 1 else parts[0]
    entity = login.locationid or (parts[2] if len(parts) > 2 else "")
    return company, entity
