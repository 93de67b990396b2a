"""HubSpot's CRM API in its own words: a client with its limits and retries, records, and one file of verbs
per subject.

Start at ``client.py`` (one call and everything that can happen to it); the verbs take the client first:
``search.iter_search``, ``listing.iter_all``, ``batch.batch_read``, ``associations.read_associations``,
``writeback.update_changed``, ``properties.ensure_properties``, ``pipelines.get_pipelines``,
``owners.get_owners``, ``account.get_account``, ``checks.check_connection``.
"""
