"""Order entry transactions."""

from __future__ import annotations

from include.sandbox.intacct.schemas.parts import CURRENCY_GROUP, typed

_ITEM = (
    "bundlenumber? itemid itemaliasid? itemdesc? taxable? warehouseid? quantity unit? linelevelsimpletaxtype? "
    "discountpercent? price? sourcelinekey? discsurchargememo? locationid? departmentid? memo? itemdetails? "
    "customfields? revrectemplate? revrecstartdate? revrecenddate? renewalmacro? projectid? customerid? vendorid? "
    "employeeid? classid? contractid? fulfillmentstatus?"
)
_SUBTOTALS = typed(
    "subtotal+",
    {
        "subtotal": typed(
            "description total absval? percentval? locationid? departmentid? projectid? customerid? vendorid? "
            "employeeid? classid? itemid? contractid? customfields?"
        )
    },
)
_BODY = (
    "documentno? origdocdate? referenceno? termname? datedue? message? shippingmethod? shipto? billto? supdocid? "
    f"externalid? {CURRENCY_GROUP} vsoepricelist? customfields? state? projectid? changelognumber? needbydate? "
    "shipbydate? cancelafterdate? donotshipbeforedate? donotshipafterdate? servicedeliverydate? trackingnumber? "
    "shippeddate? customerponumber? taxsolutionid? "
)

FUNCTIONS = {
    "create_sotransaction": typed(
        f"transactiontype datecreated dateposted? createdfrom? customerid {_BODY} sotransitems subtotals?",
        {"sotransitems": typed("sotransitem+", {"sotransitem": typed(_ITEM)}), "subtotals": _SUBTOTALS},
    ),
    "update_sotransaction": typed(
        f"datecreated? dateposted? {_BODY} updatesotransitems? updatesubtotals?",
        {
            "updatesotransitems": typed(
                "(updatesotransitem | sotransitem)*",
                {
                    "updatesotransitem": typed(
                        _ITEM.replace(" itemid ", " itemid? ").replace(" quantity ", " quantity? "),
                        attributes=("line_num",),
                    ),
                    "sotransitem": typed(_ITEM),
                },
            ),
            "updatesubtotals": typed("updatesubtotal*"),
        },
        ("key", "externalkey", "disablevalidation"),
    ),
    "delete_sotransaction": typed("", attributes=("key", "externalkey")),
}
