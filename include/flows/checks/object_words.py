"""What people call the Intacct objects that a permission is needed for."""

from __future__ import annotations

from collections.abc import Mapping

OBJECTS: Mapping[str, str] = {
    "CUSTOMER": "customers",
    "CONTACT": "contacts",
    "VENDOR": "vendors",
    "ARINVOICE": "invoices",
    "ARINVOICEITEM": "invoice lines",
    "ARPYMT": "payments",
    "ARPYMTDETAIL": "applied payments",
    "ARADVANCE": "advances",
    "ARADJUSTMENT": "credit memos",
    "ARRECURINVOICE": "recurring invoices",
    "ARRECURINVOICEENTRY": "recurring invoice lines",
    "SODOCUMENT": "sales orders",
    "APBILL": "bills",
    "APBILLITEM": "bill lines",
    "APPYMTDETAIL": "payments of bills",
    "ARTERM": "payment terms",
    "APTERM": "vendors' payment terms",
    "ARADJUSTMENTITEM": "credit memo lines",
    "GLBATCH": "journal entries",
    "GLENTRY": "journal entry lines",
    "REVRECSCHEDULE": "revenue schedules",
    "REVRECSCHEDULEENTRY": "revenue schedule entries",
    "GLACCOUNT": "GL accounts",
    "GLDETAIL": "GL postings",
    "AUDITHISTORY": "the audit trail",
    "ITEM": "items",
    "LOCATION": "locations",
    "LOCATIONENTITY": "entities",
    "DEPARTMENT": "departments",
    "CLASS": "classes",
}
