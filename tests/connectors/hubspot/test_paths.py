from __future__ import annotations

import pytest

from include.connectors.hubspot.paths import Paths
from include.core.errors import SettingsError


@pytest.mark.parametrize("version", ["2026-03", "2026-09"])
def test_dated_versions_stand_behind_the_area(version: str) -> None:
    paths = Paths(version)

    assert paths.objects("deals", "batch", "read") == f"/crm/objects/{version}/deals/batch/read"
    assert paths.properties("deals", "groups") == f"/crm/properties/{version}/deals/groups"
    assert paths.pipelines("deals") == f"/crm/pipelines/{version}/deals"
    assert paths.owners() == f"/crm/owners/{version}"
    associations = paths.associations("deals", "companies", "batch", "read")
    assert associations == f"/crm/associations/{version}/deals/companies/batch/read"
    assert paths.account_details() == f"/account-info/{version}/details"


def test_the_older_family_has_its_associations_under_v4() -> None:
    paths = Paths("v3")

    assert paths.objects("deals", "search") == "/crm/v3/objects/deals/search"
    assert paths.properties("deals") == "/crm/v3/properties/deals"
    assert paths.pipelines("deals") == "/crm/v3/pipelines/deals"
    assert paths.owners() == "/crm/v3/owners"
    assert paths.associations("deals", "companies", "labels") == "/crm/v4/associations/deals/companies/labels"
    assert paths.account_details() == "/account-info/v3/details"


def test_an_unknown_version_is_a_settings_error_that_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="2026-09, 2026-03, v3"):
        Paths("v5")


def test_a_part_cannot_leave_its_place_in_the_path() -> None:
    assert Paths().objects("deals", "1/../../secrets?x#y") == "/crm/objects/2026-09/deals/1%2F..%2F..%2Fsecrets%3Fx%23y"
    for part in ("", ".", ".."):
        with pytest.raises(ValueError, match="empty or a dot"):
            Paths().objects("deals", part)
