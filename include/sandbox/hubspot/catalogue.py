"""The object types: ids, the names a path may use, scopes, and the properties that come back unasked."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ObjectType:
    """``legacy`` is the upper-case name in error texts; ``scope`` the middle word of ``crm.objects.<scope>.read``."""

    id: str
    singular: str
    plural: str
    scope: str
    shown: tuple[str, ...]
    required: tuple[tuple[str, ...], ...] = ()
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"
    other_scopes: tuple[str, ...] = ()
    free_text: tuple[str, ...] = ()
    primary_display: str = ""
    pipeline: tuple[str, str] | None = None
    names: tuple[str, ...] = field(default=())

    @property
    def legacy(self) -> str:
        return self.singular.upper()

    @property
    def default_properties(self) -> tuple[str, ...]:
        return (*self.shown, *self.always)

    @property
    def always(self) -> tuple[str, ...]:
        return (self.created, self.modified, "hs_object_id")


def _engagement(
    type_id: str, singular: str, plural: str, required: tuple[tuple[str, ...], ...], text: tuple[str, ...]
) -> ObjectType:
    return ObjectType(type_id, singular, plural, "contacts", (), required, created="hs_createdate", free_text=text)


_STAMPED = (("hs_timestamp",),)

TYPES: tuple[ObjectType, ...] = (
    ObjectType(
        "0-1", "contact", "contacts", "contacts", ("firstname", "lastname", "email"), modified="lastmodifieddate",
        free_text=("firstname", "lastname", "email", "phone", "company", "hs_additional_emails", "mobilephone"),
        primary_display="email",
    ),
    ObjectType(
        "0-2", "company", "companies", "companies", ("name", "domain"), (("name", "domain"),),
        free_text=("name", "domain", "website", "phone"), primary_display="name",
    ),
    ObjectType(
        "0-3", "deal", "deals", "deals", ("dealname", "amount", "closedate", "pipeline", "dealstage"),
        (("dealname",), ("dealstage",)), free_text=("dealname", "pipeline", "dealstage", "description", "dealtype"),
        primary_display="dealname", pipeline=("pipeline", "dealstage"),
    ),
    ObjectType(
        "0-5", "ticket", "tickets", "tickets", ("subject", "content", "hs_pipeline", "hs_pipeline_stage",
        "hs_ticket_category", "hs_ticket_priority"), (("subject",), ("hs_pipeline_stage",)),
        other_scopes=("tickets",), free_text=("subject", "content", "hs_ticket_category"),
        primary_display="subject", pipeline=("hs_pipeline", "hs_pipeline_stage"),
    ),
    ObjectType(
        "0-7", "product", "products", "products", ("name", "description", "price"), (("name",),),
        other_scopes=("e-commerce",), free_text=("name", "description", "price", "hs_sku"), primary_display="name",
    ),
    ObjectType(
        "0-8", "line_item", "line_items", "line_items", ("quantity", "amount", "price"),
        other_scopes=("e-commerce",), free_text=("name", "description", "hs_sku"), primary_display="name",
    ),
    ObjectType(
        "0-14", "quote", "quotes", "quotes", ("hs_title", "hs_status", "hs_expiration_date", "hs_public_url_key"),
        (("hs_title",), ("hs_expiration_date",)), created="hs_createdate",
        free_text=("hs_title",), primary_display="hs_title",
    ),
    _engagement("0-18", "communication", "communications", _STAMPED, ("hs_communication_body",)),
    _engagement("0-27", "task", "tasks", _STAMPED, ("hs_task_subject", "hs_task_body")),
    _engagement("0-46", "note", "notes", _STAMPED, ("hs_note_body",)),
    _engagement("0-47", "meeting", "meetings", _STAMPED, ("hs_meeting_title", "hs_meeting_body")),
    _engagement("0-48", "call", "calls", _STAMPED, ("hs_call_title", "hs_call_body")),
    _engagement("0-49", "email", "emails", _STAMPED, ("hs_email_subject", "hs_email_text")),
    ObjectType(
        "0-53", "invoice", "invoices", "invoices", (), (("hs_currency",),), free_text=("hs_number",),
        primary_display="hs_number",
    ),
    ObjectType(
        "0-69", "subscription", "subscriptions", "subscriptions", (), (("hs_name",),), created="hs_createdate",
        free_text=("hs_name",), primary_display="hs_name",
    ),
    ObjectType("0-84", "discount", "discounts", "line_items", (), other_scopes=("e-commerce",)),
    ObjectType("0-85", "fee", "fees", "line_items", (), other_scopes=("e-commerce",)),
    ObjectType("0-86", "tax", "taxes", "line_items", (), other_scopes=("e-commerce",)),
    ObjectType(
        "0-101", "commerce_payment", "commerce_payments", "commercepayments", (),
        (("hs_initial_amount",), ("hs_initiated_date",)), names=("payment", "payments"),
    ),
    ObjectType("0-115", "user", "users", "users", ()),
    ObjectType(
        "0-123", "order", "orders", "orders", (), (("hs_order_name",),), free_text=("hs_order_name",),
        primary_display="hs_order_name", pipeline=("hs_pipeline", "hs_pipeline_stage"),
    ),
    ObjectType("0-142", "cart", "carts", "carts", ()),
    ObjectType(
        "0-19", "feedback_submission", "feedback_submissions", "feedback_submissions", (), created="hs_createdate"
    ),
    ObjectType(
        "0-74", "goal_target", "goal_targets", "goals", ("hs_goal_name", "hs_target_amount"), created="hs_createdate",
        names=("goal", "goals"), primary_display="hs_goal_name",
    ),
    _engagement("0-116", "postal_mail", "postal_mail", _STAMPED, ("hs_postal_mail_body",)),
    ObjectType(
        "0-136", "lead", "leads", "leads", (), (("hs_lead_name",),), created="hs_createdate",
        free_text=("hs_lead_name",), primary_display="hs_lead_name",
    ),
    ObjectType("0-64", "quote_template", "quote_templates", "quotes", ("hs_name",), created="hs_createdate"),
)  # fmt: skip

BY_ID = {kind.id: kind for kind in TYPES}
BY_NAME = {name: kind for kind in TYPES for name in (kind.id, kind.singular, kind.plural, *kind.names)}

CONTACT, COMPANY, DEAL, TICKET = BY_ID["0-1"], BY_ID["0-2"], BY_ID["0-3"], BY_ID["0-5"]
PRODUCT, LINE_ITEM, QUOTE, INVOICE = BY_ID["0-7"], BY_ID["0-8"], BY_ID["0-14"], BY_ID["0-53"]
PAYMENT, ORDER, SUBSCRIPTION, TASK = BY_ID["0-101"], BY_ID["0-123"], BY_ID["0-69"], BY_ID["0-27"]


def find(name: str) -> ObjectType | None:
    """The type a path segment names by plural, singular or id; case does not matter."""
    return BY_NAME.get(name.lower())


def scopes(kind: ObjectType, verb: str) -> tuple[str, ...]:
    """The scopes of which one is needed to ``read`` or ``write`` records of this type."""
    return (f"crm.objects.{kind.scope}.{verb}", *kind.other_scopes)
