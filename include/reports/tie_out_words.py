"""What a break means and what to do about it, in a finance person's words."""

from __future__ import annotations

_BY_CHECK = {
    ("control", "manual_edit"): (
        "A journal was entered on the control account by hand. Enter it as an AR adjustment instead, or "
        "reverse it, so that the subledger shows it too."
    ),
    ("control", "missing"): (
        "A document of the subledger is not in the general ledger, or the other way round. Open the "
        "customer's documents and see which one has no posting; post it again."
    ),
    ("control", "currency"): (
        "The customer has documents in a foreign currency: compare their rates, and whether a revaluation was "
        "posted to the control account. Book the difference as exchange gain or loss."
    ),
    ("control", "unapplied"): (
        "The difference is the customer's unapplied money: it is booked on another account than the control "
        "account. Correct the account of the advance."
    ),
    ("not won", "manual_edit"): ("Set the deal back to won, or reverse or credit its invoice in Intacct."),
    ("amount", "manual_edit"): (
        "Decide which amount is right. Correct the deal, or let the change be billed or credited; never edit "
        "the posted invoice."
    ),
    ("amount", "no_amount"): (
        "Enter the deal's amount: what its invoice bills. Was it emptied on purpose, reverse or credit the invoice."
    ),
    ("amount", "currency"): (
        "The deal is in another currency than its invoice. Correct the deal's currency, or reverse the "
        "invoice and bill it again."
    ),
    ("deal", "missing"): (
        "The deal was deleted or archived in HubSpot; its invoice stays. Restore the deal, or reverse the "
        "invoice if it must not be billed."
    ),
    ("won deals", "unknown"): (
        "Open the deal: it is won, and neither invoice, hold, break nor reason is known of it. Run "
        "hubspot_closed_won_to_intacct_invoice for it, then the tie-out."
    ),
    ("completeness", "missing"): (
        "Records were not read. Run the tie-out again; if it stays, give the range to whoever looks after the "
        "connection."
    ),
    ("balance", "unapplied"): (
        "Money or credit of the customer waits to be applied, and HubSpot counts it otherwise. Apply it in "
        "Intacct, then run intacct_payment_to_hubspot_deal for the customer."
    ),
    ("exchange", "rounding"): (
        "The invoice is paid and a few cents are left in the base currency. Book them to the rounding account."
    ),
    ("exchange", "currency"): (
        "The invoice's balance in the base currency is not what its rate makes of it. See whether a journal or a "
        "revaluation changed it, and book the difference as exchange gain or loss."
    ),
    ("realised", "currency"): (
        "Compare the rates of the payment and its invoices with what was posted. Correct the rate, or book the "
        "difference as exchange gain or loss."
    ),
    ("settlement", "unapplied"): (
        "A payment that counts as applied on one side is unapplied on the other. Apply it to the invoice in Intacct."
    ),
}

_BY_CLASS = {
    "timing": (
        "Nothing: one side changed after the last run of the flow that carries it over. It must be gone in "
        "the next tie-out; else look at that flow's last run."
    ),
    "rounding": (
        "The difference is no more than rounding makes. Write it off to the rounding account if the invoice "
        "stays open for it; else correct the rounded side."
    ),
    "currency": (
        "The two sides are in two currencies. Correct the currency in HubSpot, then run "
        "intacct_payment_to_hubspot_deal for the deal."
    ),
    "missing": (
        "One side lacks the record. If it was deleted by mistake, enter it again; if never made, run the flow "
        "for this record and look at its hold."
    ),
    "manual_edit": (
        "Somebody changed figures that Tieout keeps. Run intacct_payment_to_hubspot_deal for this record to "
        "show the books again, and ask why it was changed."
    ),
    "duplicate": (
        "Two documents bill the same. Keep the one with Tieout's key, reverse the other in Intacct, and move "
        "any payment of it."
    ),
    "unapplied": (
        "The difference is unapplied money of this customer. Apply the payment to the invoice in Intacct, or "
        "correct who counted it as paid."
    ),
    "no_amount": ("The deal has no amount. Enter it."),
    "unknown": ("The cause is not known. Compare both records, line by line; the evidence names them."),
}


def next_step(check: str, break_class: str) -> str:
    """The next step for a break of this check and class."""
    return _BY_CHECK.get((check, break_class), _BY_CLASS[break_class])


CHECKS = {
    "figures": "What the deal shows against its invoices",
    "amount": "The deal's amount against its invoices",
    "invoice": "Every won deal's invoice is there",
    "deal": "Every invoice's deal is there",
    "not won": "Invoiced deals are won",
    "duplicate": "Nothing is billed twice",
    "two deals": "No invoice stands for two deals",
    "balance": "What the company shows against its customer",
    "settlement": "What was applied against the invoice's header",
    "control": "Subledger against control account",
    "exchange": "Foreign invoices' base balance against their rate",
    "realised": "Realised gains against the rates of invoice and payment",
    "won deals": "Every won deal is in one class",
    "completeness": "Everything was read",
}
"""Check -> what it compares."""
