"""The order and kinds of the elements of ``create_sotransaction`` in the gateway's schema (DTD 3.0)."""

from __future__ import annotations

from include.connectors.intacct.invoice_schema import elements

HEADER = elements(
    "transactiontype datecreated:date dateposted:date createdfrom customerid documentno origdocdate:date referenceno "
    "termname datedue:date message shippingmethod shipto:contact billto:contact supdocid externalid basecurr currency "
    "exchratedate:date exchratetype exchrate:amount vsoepricelist customfields:customfields state projectid "
    "changelognumber needbydate:date shipbydate:date cancelafterdate:date donotshipbeforedate:date "
    "donotshipafterdate:date servicedeliverydate:date trackingnumber shippeddate:date customerponumber taxsolutionid "
    "sotransitems:lines subtotals:lines"
)
LINE = elements(
    "bundlenumber itemid itemaliasid itemdesc taxable:flag warehouseid quantity:amount unit linelevelsimpletaxtype "
    "discountpercent:amount price:amount sourcelinekey discsurchargememo locationid departmentid memo "
    "customfields:customfields revrectemplate revrecstartdate:date revrecenddate:date renewalmacro projectid "
    "customerid vendorid employeeid classid contractid taskno billingtemplate"
)
SUBTOTAL = elements(
    "description total:amount absval:amount percentval:amount locationid departmentid projectid customerid vendorid "
    "employeeid classid itemid contractid customfields:customfields"
)
STATES = ("Draft", "Pending", "Closed")
