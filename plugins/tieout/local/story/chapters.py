"""The chapters of the demo's story, in the order in which they are played. Everything in them is dated from the day on
which they are played, so that the story goes on being true."""

from __future__ import annotations

from tieout.local.story.scene import Chapter
from tieout.local.story.the_change import CHANGE_CHAPTERS
from tieout.local.story.the_close import CLOSE_CHAPTERS
from tieout.local.story.the_customer import CUSTOMER_CHAPTERS
from tieout.local.story.the_deal import DEAL_CHAPTERS
from tieout.local.story.the_vendor import VENDOR_CHAPTERS

CHAPTERS: tuple[Chapter, ...] = (*DEAL_CHAPTERS, *CHANGE_CHAPTERS, *CUSTOMER_CHAPTERS, *VENDOR_CHAPTERS)
AFTERWARDS: tuple[Chapter, ...] = CLOSE_CHAPTERS
"""Those that are played when everything has run once more."""
