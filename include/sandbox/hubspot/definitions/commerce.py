"""Invoice, payment, subscription, order, cart, discount, fee and tax properties."""

from __future__ import annotations

INVOICES = """
[invoiceinformation]
hs_currency | Currency | enumeration | ext
hs_invoice_status | Invoice status | enumeration | opts=draft;open;paid;voided
hs_invoice_billable | Billable | bool
hs_invoice_date | Invoice date | datetime
hs_due_date | Due date | datetime
hs_title | Title | string
hs_tax_id | Tax ID | string
hs_purchase_order_number | Purchase order number | string
hs_comments | Comments | string/textarea
hs_recipient_shipping_address | Recipient address | string
hs_recipient_company_name | Recipient company | string
hs_recipient_email | Recipient email | string
hs_recipient_name | Recipient name | string
hs_allowed_payment_methods | Payment methods | enumeration/checkbox | opts=credit_or_debit_card;ach;sepa;bacs;pads
hs_invoice_payment_collection_method | Collection method | enumeration | opts=manual;none
hs_number | Invoice number | string | ro
hs_amount_billed | Amount billed | number | calc
hs_balance_due | Balance due | number | calc
hs_amount_paid | Amount paid | number | calc
hs_payment_date | Payment date | datetime | ro
hs_invoice_source | Invoice source | string | ro
hs_invoice_link | Invoice link | string | ro
hs_pdf_download_link | PDF link | string | ro
hs_voided_date | Voided date | datetime | ro
"""

PAYMENTS = """
[paymentinformation]
hs_initial_amount | Gross amount | number | money=hs_currency_code
hs_initiated_date | Payment date | datetime
hs_currency_code | Currency | enumeration | ext
hs_customer_email | Customer email | string
hs_latest_status | Status | enumeration | opts=processing;succeeded;failed;refunded;partially_refunded;disputed
hs_payment_method_type | Payment method | string
hs_payment_source_name | Payment source | string
hs_reference_number | Reference number | string
hs_processor_type | Processor | enumeration | opts=HUBSPOT_PAYMENTS;BYO_STRIPE;NONE
hs_fees_amount | Fees | number
hs_net_amount | Net amount | number | ro
hs_payment_id | Payment ID | string | ro
hs_internal_comment | Internal comment | string/textarea
"""

SUBSCRIPTIONS = """
[subscriptioninformation]
hs_name | Name | string
hs_currency_code | Currency | enumeration | ext
hs_status | Status | enumeration | opts=active;past_due;canceled;expired;scheduled;paused;unpaid
hs_subscription_status | Subscription status | enumeration | opts=active;past_due;canceled;expired;scheduled;paused
hs_recurring_billing_start_date | Billing start date | date
hs_recurring_billing_frequency | Every | enumeration | opts=weekly;biweekly;monthly;quarterly;per_six_months;annually
hs_collection_process | Collection process | enumeration | opts=automatic_payments;manual_payments
hs_invoice_creation | Invoice creation | enumeration | opts=on;off
hs_next_payment_amount | Next payment amount | number | ro
hs_next_payment_due_date | Next payment due date | date | ro
"""

ORDERS = """
[orderinformation]
hs_order_name | Name | string
hs_currency_code | Currency | enumeration | ext
hs_exchange_rate | Exchange rate | number
hs_source_store | Source store | string
hs_external_order_id | External order ID | string
hs_external_order_status | Order status | string
hs_fulfillment_status | Fulfilment status | string
hs_total_price | Total price | number
hs_pipeline | Pipeline | enumeration | ext
hs_pipeline_stage | Order stage | enumeration/radio | ext
hs_processed_date | Processed date | datetime
"""

CARTS = """
[cartinformation]
hs_cart_name | Name | string
hs_external_cart_id | External cart ID | string
hs_currency_code | Currency | enumeration | ext
hs_total_price | Total price | number
hs_source_store | Source store | string
"""

_CHARGE = """
[{group}]
hs_label | Label | string
hs_type | Type | enumeration | opts=PERCENT;FIXED
hs_value | Value | number
hs_sort_order | Sort order | number
"""

DISCOUNTS = _CHARGE.format(group="discountinformation")
FEES = _CHARGE.format(group="feeinformation")
TAXES = _CHARGE.format(group="taxinformation")

QUOTE_TEMPLATES = """
[quotetemplateinformation]
hs_name | Name | string
hs_active | Active | bool
"""
