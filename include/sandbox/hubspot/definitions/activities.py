"""Task, note, meeting, call, e-mail and communication properties, and tickets."""

from __future__ import annotations

TASKS = """
[task]
hs_timestamp | Due date | datetime
hs_task_subject | Task Title | string
hs_task_body | Task Notes | string/html
hs_task_status | Task Status | enumeration | opts=NOT_STARTED;IN_PROGRESS;WAITING;DEFERRED;COMPLETED
hs_task_priority | Priority | enumeration | opts=NONE;LOW;MEDIUM;HIGH
hs_task_type | Task Type | enumeration | opts=EMAIL;CALL;TODO
hs_task_reminders | Reminders | string
hs_task_completion_date | Completed at | datetime | ro
hs_task_is_completed | Is completed | number | calc
hs_queue_membership_ids | Task queue | enumeration/checkbox | ext
"""

NOTES = """
[engagement]
hs_timestamp | Activity date | datetime
hs_note_body | Note body | string/html
hs_attachment_ids | Attached file IDs | string
hs_body_preview | Body preview | string | calc
"""

MEETINGS = """
[engagement]
hs_timestamp | Activity date | datetime
hs_meeting_title | Meeting name | string
hs_meeting_body | Meeting description | string/html
hs_meeting_start_time | Start time | datetime
hs_meeting_end_time | End time | datetime
hs_meeting_outcome | Outcome | enumeration | opts=SCHEDULED;COMPLETED;RESCHEDULED;NO_SHOW;CANCELED
hs_meeting_location | Location | string
hs_meeting_external_url | External URL | string
hs_internal_meeting_notes | Internal notes | string/html
hs_activity_type | Activity type | enumeration | ext
hs_attachment_ids | Attached file IDs | string
"""

CALLS = """
[engagement]
hs_timestamp | Activity date | datetime
hs_call_title | Call title | string
hs_call_body | Call notes | string/html
hs_call_duration | Duration | number
hs_call_direction | Direction | enumeration | opts=INBOUND;OUTBOUND
hs_call_status | Status | string
hs_call_disposition | Call outcome | enumeration | ext
hs_call_from_number | From number | string
hs_call_to_number | To number | string
hs_call_recording_url | Recording URL | string
hs_activity_type | Activity type | enumeration | ext
hs_attachment_ids | Attached file IDs | string
"""

EMAILS = """
[engagement]
hs_timestamp | Activity date | datetime
hs_email_subject | Subject | string
hs_email_text | Text body | string/textarea
hs_email_html | HTML body | string/html
hs_email_direction | Direction | enumeration | opts=EMAIL;INCOMING_EMAIL;FORWARDED_EMAIL
hs_email_status | Status | enumeration | opts=BOUNCED;FAILED;SCHEDULED;SENDING;SENT
hs_email_headers | Headers | string/textarea
hs_email_from_email | From address | string | ro
hs_email_to_email | To address | string | ro
hs_attachment_ids | Attached file IDs | string
"""

COMMUNICATIONS = """
[engagement]
hs_timestamp | Activity date | datetime
hs_communication_body | Body | string/html
hs_communication_channel_type | Channel | enumeration | opts=SMS;WHATS_APP;LINKEDIN_MESSAGE
hs_communication_logged_from | Logged from | string
"""

TICKETS = """
[ticketinformation]
subject | Ticket name | string
content | Ticket description | string/textarea
hs_pipeline | Pipeline | enumeration | ext
hs_pipeline_stage | Ticket status | enumeration/radio | ext
hs_ticket_category | Category | enumeration | opts=PRODUCT_ISSUE;BILLING_ISSUE;FEATURE_REQUEST;GENERAL_INQUIRY
hs_ticket_priority | Priority | enumeration | opts=LOW;MEDIUM;HIGH;URGENT
source_type | Source | enumeration | opts=CHAT;EMAIL;FORM;PHONE
closed_date | Close date | datetime | ro
"""

POSTAL_MAIL = """
[engagement]
hs_timestamp | Activity date | datetime
hs_postal_mail_body | Body | string/html
hs_attachment_ids | Attached file IDs | string
"""

LEADS = """
[leadinformation]
hs_lead_name | Lead name | string
hs_lead_type | Lead type | enumeration | opts=NEW_BUSINESS;UPSELL;RE-ATTEMPTING
hs_lead_label | Lead label | enumeration | opts=WARM;HOT;COLD
hs_pipeline | Pipeline | string
hs_pipeline_stage | Pipeline stage | string
"""

FEEDBACK = """
[feedbacksubmissioninformation]
hs_survey_name | Survey name | string | ro
hs_value | Rating | number | ro
hs_content | Response | string | ro
"""

GOALS = """
[goaltargetinformation]
hs_goal_name | Goal name | string
hs_target_amount | Target | number
hs_start_datetime | Start date | datetime
hs_end_datetime | End date | datetime
"""
