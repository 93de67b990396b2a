"""Order entry transactions."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas.parts import CURRENCY_GROUP, DATE, typed

_ITEM = (
    "bundlenumber? itemid itemaliasid? itemdesc? taxable? warehouseid? quantity unit? linelevelsimpletaxtype? "
    "discountpercent? price? sourcelinekey? discsurchargememo? locationid? departmentid? memo? itemdetails? "
    "customfields? revrectemplate? revrecstartdate? revrecenddate? renewalmacro? projectid? customerid? vendorid? "
    "employeeid? classid? contractid? fulfillmentstatus? taskno? billingtemplate?"
)
_ITEM_PARTS = {
    "itemdetails": typed(
        "itemdetail*",
        {
            "itemdetail": typed(
                "quantity? (serialno | lotno)* aisle? row? bin? itemexpiration?", {"itemexpiration": DATE}
            )
        },
    ),
    "fulfillmentstatus": Model("deliverystatus? deferralstatus?"),
}
_SUBTOTAL = typed(
    "description total absval? percentval? locationid? departmentid? projectid? customerid? vendorid? employeeid? "
    "classid? itemid? contractid? customfields?"
)
_SUBTOTALS = typed("subtotal+", {"subtotal": _SUBTOTAL})
_BODY = (
    "message? shippingmethod? shipto? billto? supdocid? "
    f"externalid? {CURRENCY_GROUP} vsoepricelist? customfields? state? projectid? changelognumber? needbydate? "
    "shipbydate? cancelafterdate? donotshipbeforedate? donotshipafterdate? servicedeliverydate? trackingnumber? "
    "shippeddate? customerponumber? taxsolutionid? "
)

FUNCTIONS = {
    "create_sotransaction": typed(
        f"transactiontype datecreated dateposted? createdfrom? customerid documentno? origdocdate? "
        f"referenceno? termname? datedue? {_BODY} sotransitems subtotals?",
        {"sotransitems": typed("sotransitem+", {"sotransitem": typed(_ITEM, _ITEM_PARTS)}), "subtotals": _SUBTOTALS},
    ),
    "update_sotransaction": typed(
        f"datecreated? dateposted? documentno? origdocdate? referenceno? termname? datedue? origdocdate? "
        f"{_BODY} updatesotransitems? updatesubtotals?",
        {
            "updatesotransitems": typed(
                "(updatesotransitem | sotransitem)*",
                {
                    "updatesotransitem": typed(
                        _ITEM.replace(" itemid ", " itemid? ").replace(" quantity ", " quantity? "),
                        _ITEM_PARTS,
                        attributes=("line_num",),
                    ),
                    "sotransitem": typed(_ITEM, _ITEM_PARTS),
                },
            ),
            "updatesubtotals": typed(
                "(updatesubtotal | subtotal)*", {"updatesubtotal": _SUBTOTAL, "subtotal": _SUBTOTAL}
            ),
        },
        ("key", "externalkey", "disablevalidation"),
    ),
    "delete_sotransaction": typed("", attributes=("key", "externalkey")),
}
