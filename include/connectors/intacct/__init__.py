"""Sage Intacct through its XML gateway (Web Services, DTD 3.0).

``client.IntacctClient`` calls functions; ``query`` reads objects; ``customers``, ``invoices``, ``reference`` and
``generic`` are the verbs; ``target.IntacctTarget`` is what the write path sends through; ``checks`` looks a connection
over. ``codec`` and ``replies`` are the wire, ``errors`` says what a refusal means. Imports no Airflow.
"""
