from starlette.routing import Route

from include.sandbox.state import Sandbox


def page_routes(sandbox: Sandbox) -> list[Route]:
    return []
