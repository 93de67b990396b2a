"""Contact, company and user properties."""

from __future__ import annotations

_LIFECYCLE = (
    "opts=subscriber;lead;marketingqualifiedlead:Marketing~Qualified~Lead;"
    "salesqualifiedlead:Sales~Qualified~Lead;opportunity;customer;evangelist;other"
)
_INDUSTRIES = (
    "opts=ACCOUNTING;AVIATION_AEROSPACE;AUTOMOTIVE;BANKING;BIOTECHNOLOGY;CHEMICALS;COMPUTER_HARDWARE;"
    "COMPUTER_NETWORKING;COMPUTER_SOFTWARE;CONSTRUCTION;CONSUMER_GOODS;DEFENSE_SPACE;EDUCATION_MANAGEMENT;"
    "ELECTRICAL_ELECTRONIC_MANUFACTURING;FARMING;FINANCIAL_SERVICES;FOOD_PRODUCTION;FOOD_BEVERAGES;"
    "GOVERNMENT_ADMINISTRATION;HIGHER_EDUCATION;HOSPITAL_HEALTH_CARE;HOSPITALITY;INDUSTRIAL_AUTOMATION;"
    "INFORMATION_TECHNOLOGY_AND_SERVICES;INSURANCE;INTERNET;LOGISTICS_AND_SUPPLY_CHAIN;MACHINERY;"
    "MANAGEMENT_CONSULTING;MARKETING_AND_ADVERTISING;MECHANICAL_OR_INDUSTRIAL_ENGINEERING;MEDICAL_DEVICES;"
    "MINING_METALS;NON_PROFIT_ORGANIZATION_MANAGEMENT;OIL_ENERGY;PACKAGING_AND_CONTAINERS;PHARMACEUTICALS;"
    "PLASTICS;REAL_ESTATE;RENEWABLES_ENVIRONMENT;RESEARCH;RETAIL;SEMICONDUCTORS;SHIPBUILDING;TELECOMMUNICATIONS;"
    "TEXTILES;TRANSPORTATION_TRUCKING_RAILROAD;UTILITIES;VENTURE_CAPITAL_PRIVATE_EQUITY;WHOLESALE;WIRELESS"
)

CONTACTS = f"""
[contactinformation]
email | Email | string
firstname | First Name | string
lastname | Last Name | string
phone | Phone Number | phone_number
mobilephone | Mobile Phone Number | phone_number
fax | Fax Number | string
company | Company Name | string
jobtitle | Job Title | string
salutation | Salutation | string
website | Website URL | string
address | Street Address | string
city | City | string
state | State/Region | string
zip | Postal Code | string
country | Country/Region | string
hs_language | Preferred language | enumeration | opts=de:German;en:English;es:Spanish;fr:French;it:Italian;ja:Japanese
hs_timezone | Time Zone | string
lifecyclestage | Lifecycle Stage | enumeration/radio | {_LIFECYCLE}
hs_lead_status | Lead Status | enumeration/radio | opts=NEW;OPEN;IN_PROGRESS;OPEN_DEAL;UNQUALIFIED;CONNECTED
hs_email_domain | Email Domain | string | calc
hs_full_name_or_email | Full name or email | string | calc
hs_additional_emails | Additional email addresses | enumeration/checkbox | ro ext
associatedcompanyid | Primary Associated Company ID | number | calc
num_associated_deals | Number of Associated Deals | number | calc
num_unique_conversion_events | Number of Unique Forms Submitted | number | ro
notes_last_updated | Last Activity Date | datetime | ro
hs_email_optout | Unsubscribed from all email | bool | ro
hs_sequences_is_enrolled | Currently in Sequence | bool | ro
hs_is_unworked | Contact unworked | bool | ro
"""

COMPANIES = f"""
[companyinformation]
name | Company name | string
domain | Company Domain Name | string
website | Website URL | string
phone | Phone Number | phone_number
address | Street Address | string
address2 | Street Address 2 | string
city | City | string
state | State/Region | string
zip | Postal Code | string
country | Country/Region | string
description | Description | string/textarea
industry | Industry | enumeration | {_INDUSTRIES}
type | Type | enumeration/radio | opts=PROSPECT;PARTNER;RESELLER;VENDOR;OTHER
lifecyclestage | Lifecycle Stage | enumeration/radio | {_LIFECYCLE}
hs_lead_status | Lead Status | enumeration/radio | opts=NEW;OPEN;IN_PROGRESS;OPEN_DEAL;UNQUALIFIED;CONNECTED
annualrevenue | Annual Revenue | number
numberofemployees | Number of Employees | number
founded_year | Year Founded | string
timezone | Time Zone | string
hs_parent_company_id | Parent Company | number | calc
hs_num_child_companies | Number of child companies | number | calc
hs_additional_domains | Additional Domains | enumeration/checkbox | ext
num_associated_contacts | Number of Associated Contacts | number | calc
num_associated_deals | Number of Associated Deals | number | calc
linkedin_company_page | LinkedIn Company Page | string
is_public | Is Public | bool
notes_last_updated | Last Activity Date | datetime | ro
"""

USERS = """
[userinformation]
hs_given_name | First name | string | ro
hs_family_name | Last name | string | ro
hs_email | Email | string | ro
hs_internal_user_id | User ID | number | ro
hs_job_title | Job title | string
hs_standard_time_zone | Time zone | string
"""
