"""Webhooks: which events are wanted, what is to be delivered, and how it is signed. Nothing here opens a connection."""
