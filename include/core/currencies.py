"""How many decimals each currency has (ISO 4217)."""

from __future__ import annotations

from types import MappingProxyType

from include.core.errors import Unmapped

_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
        COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
        INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
        MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
        STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
# Withdrawn in 2025 and 2026, but still on open documents that must be readable.
_LATELY_WITHDRAWN = "ANG BGN"

MINOR_UNITS = MappingProxyType(
    {code: digits for digits, codes in _BY_DIGITS.items() for code in codes.split()}
    | dict.fromkeys(_LATELY_WITHDRAWN.split(), 2)
)
"""Currency code -> decimals of its minor unit. Metals, funds and test codes (XAU, XDR, XXX) are left out on purpose:
no document can be written in them."""


class UnknownCurrency(Unmapped, ValueError):
    """The currency code is not an ISO 4217 currency a document can be written in.

    Also a ``ValueError``, so that a settings model reports it as a problem of its key.
    """


def minor_units(currency: str) -> int:
    """The decimals of ``currency``: 2 for USD, 0 for JPY, 3 for KWD.

    Codes are upper case, as both systems write them. Raises ``UnknownCurrency``.
    """
    try:
        return MINOR_UNITS[currency]
    except KeyError:
        raise UnknownCurrency(
            f"{currency!r} is not a currency code of ISO 4217; correct it where it was entered"
        ) from None
