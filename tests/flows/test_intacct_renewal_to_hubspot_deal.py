"""Recurring invoices that come up for renewal, from Intacct's books to HubSpot's deals."""
