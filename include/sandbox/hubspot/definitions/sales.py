"""Line item, product and quote properties."""

from __future__ import annotations

FREQUENCIES = (
    "weekly", "biweekly", "monthly", "quarterly", "per_six_months", "annually", "per_two_years", "per_three_years",
    "per_four_years", "per_five_years",
)  # fmt: skip

_RECURRING = "opts=" + ";".join(FREQUENCIES)

LINE_ITEMS = f"""
[lineiteminformation]
name | Name | string
description | Description | string/textarea
hs_product_id | Product ID | number
hs_sku | SKU | string
quantity | Quantity | number
price | Unit price | number | money=hs_line_item_currency_code
discount | Unit discount | number | money=hs_line_item_currency_code
hs_discount_percentage | Discount percentage | number
hs_line_item_currency_code | Currency | enumeration | ext
recurringbillingfrequency | Billing frequency | enumeration | {_RECURRING}
hs_recurring_billing_period | Term | string
hs_recurring_billing_start_date | Billing start date | date
hs_recurring_billing_end_date | Billing end date | date | calc
hs_recurring_billing_number_of_payments | Number of payments | number
hs_recurring_billing_terms | Billing terms | enumeration | opts=FIXED;AUTOMATICALLY_RENEW
hs_term_in_months | Term in months | number
hs_billing_start_delay_type | Start delay | enumeration | opts=hs_billing_start_delay_days;hs_billing_start_delay_months
hs_billing_start_delay_days | Billing start delay in days | number
hs_billing_start_delay_months | Billing start delay in months | number
hs_tax_rate_group_id | Tax rate | string
hs_position_on_quote | Position on quote | number
hs_cost_of_goods_sold | Unit cost | number
hs_pricing_model | Pricing model | enumeration | opts=flat;volume;graduated;stairstep
hs_tier_ranges | Tier ranges | string
hs_tier_prices | Tier prices | string
hs_url | URL | string
hs_images | Image URL | string
hs_product_type | Product type | enumeration | opts=inventory;non_inventory;service
amount | Net price | number | calc
hs_total_discount | Total discount | number | calc
hs_pre_discount_amount | Amount before discount | number | calc
hs_post_tax_amount | Amount after tax | number | calc
hs_tax_amount | Tax amount | number | calc
hs_effective_unit_price | Effective unit price | number | calc
hs_mrr | Monthly recurring revenue | number | calc
hs_arr | Annual recurring revenue | number | calc
hs_acv | Annual contract value | number | calc
hs_tcv | Total contract value | number | calc
hs_margin | Margin | number | calc
"""

PRODUCTS = f"""
[productinformation]
name | Name | string
description | Product description | string/textarea
price | Unit price | number
hs_sku | SKU | string
hs_cost_of_goods_sold | Unit cost | number
hs_recurring_billing_period | Term | string
recurringbillingfrequency | Billing frequency | enumeration | {_RECURRING}
tax | Tax | number
hs_url | URL | string
hs_images | Image URL | string
hs_folder | Folder | string
hs_product_type | Product type | enumeration | opts=inventory;non_inventory;service
hs_status | Status | enumeration | opts=active;inactive
hs_pricing_model | Pricing model | enumeration | opts=flat;volume;graduated;stairstep
hs_price_usd | Unit price (USD) | number
hs_price_eur | Unit price (EUR) | number
hs_price_gbp | Unit price (GBP) | number
hs_price_jpy | Unit price (JPY) | number
hs_price_chf | Unit price (CHF) | number
"""

QUOTES = """
[quoteinformation]
hs_title | Quote title | string
hs_expiration_date | Expiration date | date
hs_status | Quote status | enumeration | opts=DRAFT;PENDING_APPROVAL;APPROVAL_NOT_NEEDED;APPROVED;REJECTED
hs_currency | Currency | enumeration | ext
hs_language | Language | string
hs_locale | Locale | string
hs_terms | Terms | string/textarea
hs_comments | Comments | string/textarea
hs_sender_firstname | Sender first name | string
hs_sender_lastname | Sender last name | string
hs_sender_email | Sender email | string
hs_sender_company_name | Sender company | string
hs_template_type | Template type | enumeration | opts=QUOTE;CPQ_QUOTE;CUSTOMIZABLE_QUOTE_TEMPLATE
hs_payment_enabled | Payment enabled | bool
hs_quote_amount | Quote amount | number | calc
hs_quote_number | Quote number | string | ro
hs_quote_link | Quote link | string | ro
hs_public_url_key | Public URL key | string | ro
hs_pdf_download_link | PDF link | string | ro
"""
