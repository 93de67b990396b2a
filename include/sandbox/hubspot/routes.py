"""All routes. Literal segments come before variable ones: the first that fits answers."""

from __future__ import annotations

from include.sandbox.hubspot import details, owners
from include.sandbox.hubspot.associations.routes import ROUTES as ASSOCIATIONS
from include.sandbox.hubspot.objects.routes import ROUTES as OBJECTS
from include.sandbox.hubspot.pipelines.routes import ROUTES as PIPELINES
from include.sandbox.hubspot.properties.routes import ROUTES as PROPERTIES
from include.sandbox.hubspot.routing import Route

ROUTES: tuple[Route, ...] = (*OBJECTS, *ASSOCIATIONS, *PROPERTIES, *PIPELINES, *owners.ROUTES, *details.ROUTES)
