"""A partner that is a vendor, and the look at both systems that ends the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tieout.local.story.scene import Chapter, Check, Record, Scene

CHECKS = "check_connections"
VENDORS = "hubspot_company_to_intacct_vendor"

# Of the demo company: a haulier whose role in HubSpot says vendor.
PARTNER = "20415200684"


def _a_partner_is_a_vendor(scene: Scene) -> str:
    name = scene.hubspot("companies")[PARTNER]["name"]
    return f"{name} is a vendor by its role in HubSpot, and unknown in Intacct."


def _it_waits_for_a_person(scene: Scene) -> Iterable[Check]:
    yield Check("Nothing is made before a person has seen it", not _vendors(scene))


def _finance_approves(scene: Scene) -> str:
    return "Finance reads the review and approves it, by a run with the company's id under Approve."


def _approval(scene: Scene) -> Mapping[str, Any]:
    return {"approve": [PARTNER]}


def _it_is_there_and_on_hold(scene: Scene) -> Iterable[Check]:
    vendors = _vendors(scene)
    yield Check("The vendor is in Intacct, once", len(vendors) == 1)
    yield Check("Nothing is paid to it before Finance releases it", all(one["ONHOLD"] == "true" for one in vendors))


def _vendors(scene: Scene) -> list[Record]:
    name = scene.hubspot("companies")[PARTNER]["name"]
    return [vendor for vendor in scene.intacct("VENDOR") if vendor["NAME"] == name]


def _the_day_ends(scene: Scene) -> str:
    return "Are both systems reachable, are permissions sufficient, does everything exist that the settings name?"


def _nothing_to_show(scene: Scene) -> Iterable[Check]:
    return ()


VENDOR_CHAPTERS = (
    Chapter("A vendor is reviewed", _a_partner_is_a_vendor, [VENDORS], _it_waits_for_a_person),
    Chapter("The vendor is approved", _finance_approves, [VENDORS], _it_is_there_and_on_hold, _approval),
    Chapter("All is checked", _the_day_ends, [CHECKS], _nothing_to_show),
)
