"""A stateful imitation of the HubSpot CRM API: objects, search, associations, properties, pipelines, owners, limits."""
