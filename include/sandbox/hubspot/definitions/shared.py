"""Properties that every object type has."""

from __future__ import annotations

EVERY = """
[{group}]
hs_object_id | Record ID | number | ro
{created} | Create Date | datetime | ro
{modified} | Last Modified Date | datetime | ro
hs_object_source | Record creation source ID | string | ro
hs_object_source_id | Record creation source detail ID | string | ro
hs_object_source_label | Record source | enumeration | ro ext
hs_object_source_detail_1 | Record source detail 1 | string | ro
hs_object_source_user_id | Record creation source user ID | number | ro
hs_created_by_user_id | Created by user ID | number | ro
hs_updated_by_user_id | Updated by user ID | number | ro
hs_merged_object_ids | Merged record IDs | enumeration/checkbox | ro ext
hs_unique_creation_key | Unique creation key | string | ro
hubspot_owner_id | Owner | enumeration | ext
hubspot_owner_assigneddate | Owner assigned date | datetime | ro
hubspot_team_id | Team | enumeration | ro ext
hs_all_owner_ids | All owner IDs | enumeration/checkbox | ro ext
hs_read_only | Read only object | bool | ro
hs_was_imported | Performed in an import | bool | ro
"""
