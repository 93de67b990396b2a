"""Paths of the API per version: the dated family (``/crm/objects/2026-09/...``) and the older ``v3``/``v4``
one.

Both families name the same resources (HubSpot's changelog of March and September 2026). ``v1`` to ``v3`` are
unsupported from September 2027 and ``v4`` from 30 March 2027, so the dated paths are the default.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from include.core.errors import SettingsError

DEFAULT_VERSION = "2026-09"
VERSIONS = ("2026-09", "2026-03", "v3")


@dataclass(frozen=True, slots=True)
class Paths:
    """Builds paths for ``version``, one of ``VERSIONS``; every part is percent-encoded.

    Raises ``SettingsError`` for a version we do not know.
    """

    version: str = DEFAULT_VERSION

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise SettingsError(
                f"The HubSpot api_version {self.version!r} is not one of {', '.join(VERSIONS)}.",
                system="hubspot",
            )

    def objects(self, object_type: str, *rest: str) -> str:
        """``/crm/objects/2026-09/deals/search``, ``/crm/v3/objects/deals/123``."""
        return self._crm("objects", object_type, *rest)

    def properties(self, object_type: str, *rest: str) -> str:
        return self._crm("properties", object_type, *rest)

    def pipelines(self, object_type: str, *rest: str) -> str:
        return self._crm("pipelines", object_type, *rest)

    def owners(self, *rest: str) -> str:
        return self._crm("owners", *rest)

    def associations(self, from_type: str, to_type: str, *rest: str) -> str:
        """The association calls between two types; the older family has them under ``v4``."""
        if self.version == "v3":
            return _joined("crm", "v4", "associations", from_type, to_type, *rest)
        return _joined("crm", "associations", self.version, from_type, to_type, *rest)

    def sequences(self, *rest: str) -> str:
        """The automation calls on sequences; the older family has them under ``v4``."""
        if self.version == "v3":
            return _joined("automation", "v4", "sequences", *rest)
        return _joined("automation", "sequences", self.version, *rest)

    def account_details(self) -> str:
        return _joined("account-info", self.version, "details")

    def _crm(self, area: str, *rest: str) -> str:
        if self.version == "v3":
            return _joined("crm", "v3", area, *rest)
        return _joined("crm", area, self.version, *rest)


def _joined(*parts: str) -> str:
    if not all(parts) or any(part in {".", ".."} for part in parts):
        raise ValueError(f"a path part is empty or a dot: {parts!r}")
    return "/" + "/".join(quote(part, safe="") for part in parts)
