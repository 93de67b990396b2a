"""Text from either system as it may stand in a log or on a terminal."""

from __future__ import annotations


def log_line(text: str) -> str:
    """The text on one line: line ends, control characters and what turns the direction of reading become spaces, so
    that a deal's name can neither forge a line nor command a terminal."""
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)
