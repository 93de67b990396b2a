"""Pipelines and stages: stored as the API shows them, asked by the rules of deals, tickets and orders."""
