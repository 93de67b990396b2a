"""All routes."""

from __future__ import annotations

from include.sandbox.hubspot import details
from include.sandbox.hubspot.objects.routes import ROUTES as OBJECTS
from include.sandbox.hubspot.routing import Route

ROUTES: tuple[Route, ...] = (*OBJECTS, *details.ROUTES)
