"""What the demo says, on a terminal with a moving status line, elsewhere as plain lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text


class Screen:
    """Writes to standard output. Nothing that is said is read as markup."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._started = time.monotonic()

    def said(self, sentence: str, style: str = "") -> None:
        self._console.print(Text(sentence, style=style))

    def step(self, sentence: str) -> None:
        """Something is done; beside it, how many seconds into the command."""
        seconds = time.monotonic() - self._started
        self._console.print(Text.assemble((f"{seconds:6.1f} s  ", "dim"), sentence))

    def heading(self, words: str) -> None:
        self._console.print(Text(f"\n{words}", style="bold"))

    @contextmanager
    def waiting(self, what: str) -> Iterator[Callable[[str], None]]:
        """While the block runs, show ``what``; the function given replaces it. Not on a terminal: silence."""
        if not self._console.is_terminal:
            yield lambda _: None
            return
        with self._console.status(Text(what)) as status:
            yield lambda text: status.update(Text(text))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()) -> None:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in columns:
            table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self._console.print(table, soft_wrap=False)

    def line(self, text: str) -> None:
        """Exactly this line, for programs to read."""
        self._console.file.flush()
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
