"""Groups of fields that many objects share."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.definition import Choices

AUDIT = "WHENCREATED:S~ WHENMODIFIED:S~ CREATEDBY:I~ MODIFIEDBY:I~"
DOCUMENT_AUDIT = "AUWHENCREATED:S~ WHENMODIFIED:S~ CREATEDBY:I~ MODIFIEDBY:I~"
ENTITY = "MEGAENTITYKEY:I~ MEGAENTITYID~ MEGAENTITYNAME=MEGAENTITY.NAME RECORD_URL~"
ENTITY_RELATION = "MEGAENTITY(MEGAENTITYID>LOCATION.LOCATIONID)"

_CONTACT_NAMES = [
    "CONTACTNAME",
    "PREFIX",
    "FIRSTNAME",
    "INITIAL",
    "LASTNAME",
    "COMPANYNAME",
    "PRINTAS",
    "PHONE1",
    "PHONE2",
    "CELLPHONE",
    "PAGER",
    "FAX",
    "EMAIL1",
    "EMAIL2",
    "URL1",
    "URL2",
    "VISIBLE",
]
ADDRESS_NAMES = ["ADDRESS1", "ADDRESS2", "ADDRESS3", "CITY", "STATE", "ZIP", "COUNTRY", "COUNTRYCODE", "ISOCOUNTRYCODE"]
CONTACT_FIELDS = " ".join(
    [*_CONTACT_NAMES, *(f"MAILADDRESS.{name}" for name in ADDRESS_NAMES), "TAXABLE:B TAXGROUP TAXID"]
)


def contact_block(relation: str, extra: str = "") -> str:
    """The read-only copy of a contact: BILLTO.PRINTAS, BILLTO.MAILADDRESS.CITY ..."""
    names = [*_CONTACT_NAMES, *(f"MAILADDRESS.{name}" for name in ADDRESS_NAMES), *extra.split()]
    return " ".join(f"{relation}.{name}={relation}.{name}" for name in names)


def dimension_fields() -> str:
    """Key, id and name of every dimension a line can carry."""
    parts = []
    for name in ("CUSTOMER", "VENDOR", "EMPLOYEE", "ITEM", "CLASS", "PROJECT", "CONTRACT", "WAREHOUSE", "TASK"):
        parts.append(f"{name}DIMKEY:I={name}.RECORDNO {name}ID {name}NAME={name}.NAME")
    return " ".join(parts)


DIMENSION_RELATIONS = (
    "CUSTOMER(CUSTOMERID>CUSTOMER.CUSTOMERID) VENDOR(VENDORID>VENDOR.VENDORID) "
    "EMPLOYEE(EMPLOYEEID>EMPLOYEE.EMPLOYEEID) ITEM(ITEMID>ITEM.ITEMID) CLASS(CLASSID>CLASS.CLASSID) "
    "PROJECT(PROJECTID>PROJECT.PROJECTID) CONTRACT(CONTRACTID>CONTRACT.CONTRACTID) "
    "WAREHOUSE(WAREHOUSEID>WAREHOUSE.WAREHOUSEID) TASK(TASKID>TASK.TASKID)"
)
PLACE_FIELDS = (
    "DEPARTMENTID DEPARTMENTKEY:I=DEPARTMENT.RECORDNO DEPARTMENTNAME=DEPARTMENT.TITLE LOCATIONID "
    "LOCATIONKEY:I=LOCATION.RECORDNO LOCATIONNAME=LOCATION.NAME"
)
PLACE_RELATIONS = "DEPARTMENT(DEPARTMENTID>DEPARTMENT.DEPARTMENTID) LOCATION(LOCATIONID>LOCATION.LOCATIONID)"

RATES = "BASECURR CURRENCY EXCH_RATE_DATE:D EXCH_RATE_TYPE_ID EXCHANGE_RATE:N"
TOTALS = (
    "TOTALENTERED:C~ TOTALSELECTED:C~ TOTALPAID:C~ TOTALDUE:C~ TRX_TOTALENTERED:C~ TRX_TOTALSELECTED:C~ "
    "TRX_TOTALPAID:C~ TRX_TOTALDUE:C~"
)

DOCUMENT_STATES: Choices = (
    ("Draft", "D"),
    ("Submitted", "S"),
    ("Partially Approved", "PA"),
    ("Declined", "U"),
    ("Posted", "A"),
    ("Partially Paid", "PP"),
    ("Paid", "P"),
    ("Selected", "SE"),
    ("Reversed", "V"),
    ("Reversal", "R"),
)
PAYMENT_STATES: Choices = (
    ("Draft", "D"),
    ("Submitted", "S"),
    ("Approved", "A"),
    ("Complete", "C"),
    ("Voided", "V"),
    ("Reversed", "V"),
    ("Reversal", "R"),
)
