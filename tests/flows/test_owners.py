"""Who answers for a record whose owner may have left."""

from __future__ import annotations

from pathlib import Path

from include.connectors.hubspot.owners import Owner
from include.flows.owners import OwnerDirectory, read_owners
from tests.flows.office import office


def owner(owner_id: str, email: str | None = None, *, left: bool = False) -> Owner:
    return Owner(owner_id, email, "A", "B", None if left else f"8{owner_id}", archived=left)


DIRECTORY = OwnerDirectory.of([owner("1", "ann@firm.example"), owner("2"), owner("3", "cy@firm.example", left=True)])


def test_the_first_active_owner_answers() -> None:
    assert DIRECTORY.active_or_fallback(None, "3", "2", "1") == "2"


def test_nobody_answers_where_all_have_left_and_there_is_no_fallback() -> None:
    assert DIRECTORY.active_or_fallback("3", None, "") is None


def test_the_fallback_is_an_id_or_an_address_and_must_be_active() -> None:
    for fallback, answers in (
        ("1", "1"),
        ("Ann@Firm.example ", "1"),
        ("3", None),
        ("cy@firm.example", None),
        ("", None),
    ):
        directory = OwnerDirectory(DIRECTORY.active, fallback.strip())
        assert directory.active_or_fallback("3") == answers


def test_an_owner_without_address_or_who_left_has_no_mail() -> None:
    assert [DIRECTORY.email(one) for one in ("1", "2", "3", None)] == ["ann@firm.example", "", "", ""]


def test_what_takes_no_mail_is_no_address() -> None:
    odd = OwnerDirectory({"1": "nobody at home", "2": "a@b.example\r\nBcc: c@d.example"}, "1")
    assert (odd.email("1"), odd.email("2"), odd.reader("2")) == ("", "", None)


def test_addresses_stand_in_no_repr_and_the_directory_travels_as_json() -> None:
    assert "firm.example" not in repr(DIRECTORY)
    assert OwnerDirectory.from_json(DIRECTORY.to_json()) == DIRECTORY


def test_the_demos_deactivated_owner_is_replaced(tmp_path: Path) -> None:
    with office(tmp_path, deals=1) as demo:
        directory = read_owners(demo.hubspot(), "71530411")
    assert directory.active_or_fallback("71530402") == "71530411"
    assert set(directory.active) == {"71530411", "71530423", "71530437", "71530449"}
