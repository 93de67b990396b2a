"""The settings of ``hubspot_company_to_intacct_vendor``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from include.connectors.intacct.vendors import check_no_bank_fields
from include.core.books import Books, Strict
from include.core.errors import SettingsError
from include.flows.bills.settings import PartnerRole
from include.flows.sources import Source, SourceSettings, properties_used

# What makes the vendor's identity, and whether, how and where it is paid, is not for a mapping to say.
# fmt: off
_OWN = frozenset({
    "VENDORID", "NAME", "DISPLAYCONTACT", "TERMNAME", "TAXID", "CURRENCY", "STATUS", "RECORDNO", "ENTITY", "ONHOLD",
    "DONOTCUTCHECK", "CONTACTINFO", "PAYTO", "RETURNTO", "BILLTO", "SHIPTO", "CREDITLIMIT",
})
# fmt: on
_PAYING = re.compile(r"PAYMENT|PAYMETHOD|PMPLUS|REMIT|CHECK|CHEQUE")


def _vendor_field(name: str) -> str:
    if name in _OWN or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise ValueError(f"{name} is filled by Tieout itself or by a person, or is no upper-case field of VENDOR")
    _refuse_bank(name)
    if _PAYING.search(name):
        raise ValueError(f"{name} says how a vendor is paid, which only a person sets, in Sage Intacct")
    return name


def _refuse_bank(name: str) -> None:
    try:
        check_no_bank_fields({name.upper(): ""})
    except SettingsError:
        raise ValueError(
            f"{name} is about a bank account; Tieout never moves bank details, they are entered in Sage Intacct"
        ) from None


class VendorSettings(Strict):
    """How a HubSpot company is found among, or becomes one of, Intacct's vendors."""

    id_prefix: str = Field(default="HSV-", pattern=r"^[A-Za-z0-9_-]*$", max_length=8)
    external_id: Source = SourceSettings.reading("company.intacct_vendor_id")
    tax_id: Source = SourceSettings.reading("company.tax_id")
    term: Source
    currency: Source = SourceSettings()
    public_mail_domains: tuple[str, ...] = ()
    fields: dict[Annotated[str, AfterValidator(_vendor_field)], Source] = Field(default_factory=dict)

    def sources(self) -> Iterator[SourceSettings]:
        yield from (self.external_id, self.tax_id, self.term, self.currency, *self.fields.values())

    @model_validator(mode="after")
    def _reads_no_bank_details(self) -> VendorSettings:
        for source in self.sources():
            _refuse_bank((source.source or "").partition(".")[2])
        return self


class FollowSettings(Strict):
    """Which fields of vendors follow the company after they were made: of those that Tieout made, and with ``linked``
    of those that it found, too."""

    fields: tuple[Literal["address", "phone"], ...] = ()
    linked: bool = False


class CompanyVendorSettings(Strict):
    """``calendar``: the entity of books.yaml by whose calendar dates go."""

    role: PartnerRole
    calendar: str
    vendor: VendorSettings
    follow: FollowSettings = FollowSettings()

    def properties(self, sheet: str) -> set[str]:
        """The properties that these settings read from a record."""
        role = {self.role.property} if sheet == "company" else set()
        return role | properties_used([*self.vendor.sources()], sheet)

    def problems(self, books: Books) -> list[tuple[str, str, str]]:
        """What contradicts the books: (key, value, what is allowed)."""
        known = ", ".join(sorted(books.entities))
        return (
            []
            if self.calendar in books.entities
            else [("calendar", self.calendar, f"an entity of books.yaml ({known})")]
        )
