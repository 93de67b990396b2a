"""Sage Intacct through its XML gateway (Web Services, DTD 3.0).

``client.IntacctClient`` calls functions; ``query`` reads objects, ``changes`` what changed in them. One module for each
subject reads and builds it: ``customers``, ``vendors``, ``contacts``, ``invoices``, ``receivables``, ``settlements``,
``recurring``, ``bills``, ``orders``, ``reference``; ``generic`` is for everything else. ``target.IntacctTarget`` is
what the write path creates records through (``target_objects`` lists them), ``writeback`` makes fields of existing
ones what they should be; ``checks`` looks a connection over. ``codec`` and ``replies`` are the wire, ``errors`` says
what a refusal means. Imports no Airflow.
"""
