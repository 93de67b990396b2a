"""How the systems' allowances are shared among tasks."""

HUBSPOT_SLOTS = 6
"""The most tasks that may call HubSpot at once: those of the pool ``hubspot`` (4) and those of ``intacct`` (2), which
may call HubSpot too (airflow_settings.yaml). Each task's client keeps to that share of HubSpot's limits."""
