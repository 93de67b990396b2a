"""getAPISession: a session in the current or another entity, and the endpoint to go on with."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, text_of
from include.sandbox.intacct.envelope.wire import leaf, node
from include.sandbox.intacct.errors import refused
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.sessions import open_session
from include.sandbox.intacct.tenant import DEFAULTS


def get_api_session(context: Context, element: Element) -> Result:
    """An empty ``locationid`` goes back to top level; without the element the login's entity stays.

    The endpoint is built from the host the client addressed, so that clients that check it stay content.
    """
    wanted = element.find("locationid")
    location = context.entity if wanted is None else text_of(wanted)
    if location and not context.db.exists("LOCATIONENTITY", "LOCATIONID", location):
        raise refused("Get API Session Failed", f"The location ID '{location}' is not valid.")
    session = open_session(context.db, context.userid, location, context.now, context.switches.session_duration)
    api = node(
        "api",
        leaf("sessionid", session.id),
        leaf("endpoint", context.base_url + DEFAULTS["endpoint"]),
        leaf("locationid", location),
    )
    return Result(node("data", api), transactions=0)


HANDLERS = {"getAPISession": get_api_session}
