"""All routes. Literal segments come before variable ones: the first that fits answers."""

from __future__ import annotations

from include.sandbox.hubspot import currencies, details, lists, oauth, owners, schemas, sequences
from include.sandbox.hubspot.associations.routes import ROUTES as ASSOCIATIONS
from include.sandbox.hubspot.legacy import contacts as legacy_contacts
from include.sandbox.hubspot.legacy import objects as legacy_objects
from include.sandbox.hubspot.legacy import quiet
from include.sandbox.hubspot.legacy import records as legacy_records
from include.sandbox.hubspot.legacy import settings as legacy_settings
from include.sandbox.hubspot.objects.routes import ROUTES as OBJECTS
from include.sandbox.hubspot.pipelines.routes import ROUTES as PIPELINES
from include.sandbox.hubspot.properties.routes import ROUTES as PROPERTIES
from include.sandbox.hubspot.routing import Route
from include.sandbox.hubspot.webhooks.subscriptions import ROUTES as WEBHOOKS

ROUTES: tuple[Route, ...] = (
    *OBJECTS,
    *ASSOCIATIONS,
    *PROPERTIES,
    *PIPELINES,
    *owners.ROUTES,
    *lists.ROUTES,
    *currencies.ROUTES,
    *sequences.ROUTES,
    *schemas.ROUTES,
    *details.ROUTES,
    *oauth.ROUTES,
    *WEBHOOKS,
    *legacy_records.ROUTES,
    *legacy_contacts.ROUTES,
    *legacy_settings.ROUTES,
    *legacy_objects.ROUTES,
    *quiet.ROUTES,
)
