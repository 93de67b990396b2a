"""Legacy functions for master data."""

from __future__ import annotations

from include.sandbox.intacct.schemas.parts import typed

FUNCTIONS = {
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
