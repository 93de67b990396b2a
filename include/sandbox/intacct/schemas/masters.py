"""Legacy functions for master data."""

from __future__ import annotations

from include.sandbox.intacct.schemas.parts import typed

DELETED_BY = {
    "customer": "customerid",
    "vendor": "vendorid",
    "contact": "contactname",
    "item": "itemid",
    "department": "departmentid",
    "location": "locationid",
    "employee": "employeeid",
    "glaccount": "glaccountno",
    "class": "key",
    "project": "key",
    "task": "key",
}
"""The attribute that names the record in each ``delete_*`` function."""

FUNCTIONS = {
    **{f"delete_{name}": typed("", attributes=(attribute,)) for name, attribute in DELETED_BY.items()},
    "create_arterm": typed(
        "name description? status? due? discount? disccalcon? penalty?",
        {
            "due": typed("days? from?"),
            "discount": typed("days? from? amount? percamn? fudgedays?"),
            "penalty": typed("penaltytype? amount? percamn? fudgedays?"),
        },
    ),
    "create_department": typed("departmentid title parentid? supervisorid? status? customfields?"),
    "create_class": typed("classid name description? parentid? status? customfields?"),
}
