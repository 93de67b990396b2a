"""Deal properties. The per-stage ones (``hs_v2_date_entered_<stage>`` and so on) follow from the pipelines."""

from __future__ import annotations

DEALS = """
[dealinformation]
dealname | Deal Name | string
amount | Amount | number | money=deal_currency_code
amount_in_home_currency | Amount in company currency | number | calc
closedate | Close Date | datetime
pipeline | Pipeline | enumeration | ext
dealstage | Deal Stage | enumeration/radio | ext
dealtype | Deal Type | enumeration/radio | opts=newbusiness:New~Business;existingbusiness:Existing~Business
description | Deal Description | string/textarea
deal_currency_code | Currency | enumeration | ext
hs_exchange_rate | Exchange rate | number | ro
hs_priority | Priority | enumeration | opts=low;medium;high
hs_next_step | Next step | string
closed_lost_reason | Closed Lost Reason | string/textarea
closed_won_reason | Closed Won Reason | string/textarea
hs_is_closed | Is Deal Closed? | bool | calc
hs_is_closed_won | Is Closed Won | bool | calc
hs_is_closed_lost | Is Closed Lost | bool | calc
hs_closed_won_date | Closed Won Date | datetime | calc
hs_deal_stage_probability | Deal probability | number | calc
hs_mrr | Monthly recurring revenue | number | calc
hs_arr | Annual recurring revenue | number | calc
hs_acv | Annual contract value | number | calc
hs_tcv | Total contract value | number | calc
hs_num_of_associated_line_items | Number of Associated Line Items | number | calc
num_associated_contacts | Number of Associated Contacts | number | calc
hs_primary_associated_company | Primary Associated Company | number | calc
hs_all_collaborator_owner_ids | Deal Collaborator | enumeration/checkbox | ext
hs_manual_forecast_category | Forecast category | enumeration | opts=OMIT;PIPELINE;BEST_CASE;COMMIT;CLOSED
hs_line_item_global_term_hs_recurring_billing_start_date | Global term start date | string
hs_line_item_global_term_recurringbillingfrequency | Global term frequency | string
notes_last_updated | Last Activity Date | datetime | ro
notes_last_contacted | Last Contacted | datetime | ro
num_notes | Number of Sales Activities | number | ro
num_contacted_notes | Number of times contacted | number | ro
"""
