"""The message that a close pack is there: red or green, why, and the hash that proves it."""

from __future__ import annotations

from include.core.decisions import Write
from include.notices.notice import Cell, Link, Section
from include.notices.writes import writes_to
from include.reports.close_files import PAGE, Pack


def notices(pack: Pack, mail: str, *, slack: bool, url: str) -> list[Write]:
    """At most one message for one pack's contents; none to nobody. It names no customer and no deal.

    ``url``: where the reports' folder is served, for the link; ``""``: the message names the folder.
    """
    its = pack.summary
    colour = "green" if its["green"] else "red"
    about = f"{its['period']} of {its['entity']} {its['name']}"
    subject = f"Tieout: close of {about} is {colour}"
    page: Cell = (
        Link("The close pack", f"{url.rstrip('/')}/close_pack/{pack.folder.name}/{PAGE}")
        if url
        else f"The close pack: {pack.folder}/{PAGE}"
    )
    red = [one for one in its["checks"] if one["state"] == "red"]
    listed = red or its["checks"]
    section = Section(
        lines=[
            f"{about}, {its['first']} to {its['last']}: {len(red)} of {len(its['checks'])} checks are red.",
            page,
            f"SHA-256 of its manifest: {pack.sha256}",
        ],
        columns=("Check", "Found", "Next step"),
        rows=[(one["title"], one["why"], one["next_step"]) for one in listed],
    )
    source = ("tieout", "close-pack", f"{its['entity']}-{its['period'].replace(' ', '-')}")
    part = f"close-{pack.content[:12]}"
    return writes_to(mail, subject, [section], source, part, slack=slack)
