"""What the public material leaves open about the real service, each as a switch of ``HubSpotTwin``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Switches:
    """Defaults are the best-documented behaviour; ``COVERAGE.md`` says for each what is known.

    ``tier``: free, starter, professional, enterprise. ``add_ons``: API limit increases bought (0 to 2).
    ``limits``: False turns rate limits off. ``burst`` and ``daily`` override the tier's figures.
    ``retry_after``: ``none``, ``s`` or ``ms``, the unit of the header on a 429.
    ``noop_patch_bumps_modified``: whether a PATCH that changes nothing moves the last-modified time.
    ``search_lag``: how long the search index trails the records.
    ``search_cap_counts_properties``: whether the names of the properties a search asks for count towards its 3,000
    characters; shipped extractors ask for hundreds.
    ``missing_batch_read``: ``207`` or ``404`` when not one of the ids of a batch read exists.
    ``multi_status_2026_09``: whether the newest version answers 207 too.
    ``negatives_match_missing``: whether NEQ, NOT_IN and NOT_CONTAINS_TOKEN match records lacking the property.
    ``in_needs_lower_case``: IN and NOT_IN on text match only values given in lower case, as documented.
    ``required_on_create``: whether a create lacking a required property is refused (``all``, ``2026-09`` and
    later only, or ``none``).
    ``requirements_bind_old_paths``: whether required-property rules of the account bind v3 writes too.
    ``service_key_names_app``: whether a service key's writes carry its app id as source id.
    ``closing_fills_closedate``: whether a deal entering a closed stage without a close date gets the present one.
    ``line_item_single_parent``: whether a line item on a second deal, quote, invoice or order is refused.
    ``first_company_becomes_primary``: whether a plain association with a first company makes it the primary one.
    ``lists_take_offset``: whether a list goes on at ``offset`` too, the word of older versions that shipped
    extractors still send with the value of ``after``; otherwise it is passed over like any unknown parameter.
    ``line_items_key_has_space``: whether inline associations name line items ``line items``.
    ``billable_false_can_be_paid``: whether a record-only invoice may be set to paid by hand.
    ``merge_makes_new_record``: whether a merge gives a third record instead of keeping the primary one.
    ``merged_ids``: ``redirect`` or ``404`` when a merged-away id is read.
    ``upsert_case_sensitive``: whether unique text differing in case only is two values.
    ``tasks_take_custom_properties``: whether tasks may have properties of one's own, unique ones among them.
    ``sequences_need_user_token``: whether only a user's OAuth token may enrol contacts.
    ``webhook_retry_keeps_event_id``, ``webhook_duplicates`` (every n-th event twice, 0 never),
    ``webhook_reorders``: how deliveries are repeated and mixed.
    """

    tier: str = "professional"
    add_ons: int = 0
    limits: bool = True
    burst: int | None = None
    daily: int | None = None
    search_per_second: int = 5
    retry_after: str = "none"
    noop_patch_bumps_modified: bool = False
    search_lag: timedelta = timedelta(0)
    search_cap_counts_properties: bool = False
    missing_batch_read: str = "207"
    multi_status_2026_09: bool = True
    negatives_match_missing: bool = False
    in_needs_lower_case: bool = True
    required_on_create: str = "all"
    requirements_bind_old_paths: bool = False
    service_key_names_app: bool = True
    closing_fills_closedate: bool = True
    line_item_single_parent: bool = True
    first_company_becomes_primary: bool = True
    lists_take_offset: bool = True
    line_items_key_has_space: bool = False
    billable_false_can_be_paid: bool = True
    merge_makes_new_record: bool = False
    merged_ids: str = "redirect"
    upsert_case_sensitive: bool = True
    tasks_take_custom_properties: bool = True
    sequences_need_user_token: bool = True
    webhook_retry_keeps_event_id: bool = True
    webhook_duplicates: int = 0
    webhook_reorders: bool = False
