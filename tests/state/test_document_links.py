"""Which deals a document bills, as the state keeps it: nothing that was once true is lost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from include.core.document_links import DocumentLink
from include.state.link_command import in_words
from include.state.store import StateStore
from tests.state.conftest import Clock

LINK = DocumentLink("501", "7", "named", Decimal("600.00"), "Named on the deal", "INV-7")


def test_a_link_that_is_put_again_is_recorded_once(store: StateStore) -> None:
    assert store.put_links("run 1", [LINK, replace(LINK, deal_id="502")]) == 2
    assert store.put_links("run 2", [LINK, replace(LINK, deal_id="502", share=None)]) == 0
    assert {one.deal_id for one in store.links_of_documents(["7", "8"])} == {"501", "502"}
    (one,) = store.links_of_deals(["501"])
    assert (one.share, one.run, one.number, one.counts) == (Decimal("600.00"), "run 1", "INV-7", True)


def test_another_share_takes_the_place_of_the_old_one_which_is_kept(store: StateStore, clock: Clock) -> None:
    store.put_links("run 1", [LINK])
    clock.advance(60)
    assert store.put_links("run 2", [replace(LINK, share=Decimal(400), why="As contracted")]) == 1
    old, new = store.links_of_deals(["501"], ended=True)
    assert (old.share, old.until, old.ended_by) == (Decimal("600.00"), new.since, "run 2")
    assert (new.share, new.why, new.counts) == (Decimal(400), "As contracted", True)
    assert store.links_of_deals(["501"]) == [new]
    assert "weight 600.00: Named on the deal (run 1), until 2026-11-16 09:01Z (run 2)" in in_words(old)


def test_a_link_never_gets_weaker_and_keeps_its_share(store: StateStore, clock: Clock) -> None:
    for kind in ("named", "approved", "named", "made", "approved"):
        clock.advance(1)
        store.put_links("run", [replace(LINK, kind=kind, share=None if kind == "made" else LINK.share)])  # type: ignore[arg-type]
    assert [one.kind for one in store.links_of_deals(["501"], ended=True)] == ["named", "approved", "made"]
    assert [one.share for one in store.links_of_deals(["501"])] == [LINK.share]


@pytest.mark.parametrize(("kind", "again"), [("made", 0), ("approved", 1), ("named", 1)])
def test_only_a_person_links_again_what_has_ended(store: StateStore, clock: Clock, kind: str, again: int) -> None:
    link = replace(LINK, kind=kind)  # type: ignore[arg-type]
    store.put_links("run 1", [link])
    clock.advance(1)
    store.end_links("run 2", {("501", "7"): "8", ("999", "7"): ""})
    assert store.links_of_documents(["7"]) == []
    clock.advance(1)
    assert store.put_links("run 3", [link]) == again
    assert store.all_links()[0].successor == "8"
