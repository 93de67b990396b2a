"""Functions that the gateway knows and this twin does not imitate: they fail by themselves, not the whole request."""

from __future__ import annotations

from include.sandbox.intacct.schemas.generic import AnyObjects, Everything

_READS = (
    *("readReport", "readView", "readRelated", "retrievepdf", "readEntityDetails", "getObjectTrail"),
    *("getFinancialSetup", "getDimensionRelationships", "getDimensionAutofillDetails", "getDimensionRestrictedData"),
    *("get_trialbalance", "get_accountbalances", "get_accountbalancesbydimensions"),
)
_SUMMARIES = (
    "create_expensereportbatch",
    *("create_invoicebatch", "create_aradjustmentbatch", "create_arpaymentbatch"),
    *("create_billbatch", "create_apadjustmentbatch"),
)
_CHANGES = (
    *("reclassify_invoice", "reclassify_bill", "update_aradjustment", "update_apadjustment", "update_otherreceipt"),
    *("update_revrecschedule", "reallocate_revrecschedule", "create_revrecscheduleentry"),
    *("post", "deliver", "hold", "resume", "cancel", "uncancel", "renew"),
)
_AREAS = (
    *("create_potransaction", "update_potransaction", "delete_potransaction", "create_ictransaction"),
    *("create_statgltransaction", "consolidate", "installApp", "delete_ictransaction", "delete_statglaccount"),
    *("create_expenseadjustmentreport", "delete_expenseadjustmentreport", "delete_expensereport"),
    *("reverse_expensereport", "reverse_cctransaction", "delete_allocation"),
    *("getDdsDdl", "getDdsObjects", "runDdsJob", "getUserPermissions"),
)
NOT_IMITATED = frozenset((*_READS, *_SUMMARIES, *_CHANGES, *_AREAS))


class _Anything(AnyObjects):
    def complete(self, state: frozenset[int]) -> bool:
        return True


FUNCTIONS = {name: _Anything("anything*", attributes=Everything(), unchecked=Everything()) for name in NOT_IMITATED}
