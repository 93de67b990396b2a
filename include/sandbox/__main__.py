"""``python -m include.sandbox``: serve both twins until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from include.sandbox.access import Access
from include.sandbox.calls import CallLog
from include.sandbox.clock import Clock
from include.sandbox.listening import Listening, PortTaken, bind
from include.sandbox.mail.sink import MailSink
from include.sandbox.ownership import FolderInUse, owned
from include.sandbox.state import PROFILES, Sandbox, SeedError
from include.sandbox.twins import close_twins, open_twins

DEFAULT_PORT = 8765


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 when stopped by a signal, 2 when the sandbox could not start."""
    wanted = _arguments(arguments)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        with bind(wanted.port) as sock, bind(wanted.mail_port) as mail, _folder(wanted.data) as folder, owned(folder):
            clock = Clock()
            twins = open_twins(clock, folder)
            try:
                sandbox = Sandbox(twins, clock, calls=CallLog(body_limit=wanted.body_limit), data=folder)
                _seed(sandbox, wanted)
                sink = MailSink(sandbox.messages, sandbox.faults, mail)
                _serve(Listening(sandbox, sock), sink, sandbox, as_json=wanted.json)
            finally:
                close_twins(twins)
    except (PortTaken, FolderInUse, SeedError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/sandbox", description="Twins of Sage Intacct and HubSpot on this machine, with a demo company."
    )
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help=f"where to listen on 127.0.0.1 (default {DEFAULT_PORT}; 0 takes a free port)",
    )
    parser.add_argument(
        "--mail-port", type=int, help="where to listen for mail (default: the port after --port, or a free one)"
    )
    parser.add_argument(
        "--profile",
        choices=PROFILES,
        default="demo",
        help="the demo's company as it is (demo), with its 250 customers and two years (company), or nothing (empty)",
    )
    parser.add_argument("--deals", type=int, help="won deals of the company (default 60)")
    parser.add_argument("--invoices", type=int, help="at least so many older invoices in Intacct's books")
    parser.add_argument("--seed", type=int, default=1, help="another number makes another company (default 1)")
    parser.add_argument("--empty", action="store_true", help="the same as --profile empty")
    parser.add_argument("--json", action="store_true", help="print addresses and credentials as one line of JSON")
    parser.add_argument("--data", type=Path, help="keep the twins' files here; without it they are gone at the end")
    parser.add_argument("--reseed", action="store_true", help="fill the twins anew although --data holds a company")
    parser.add_argument(
        "--body-limit", type=int, default=4096, help="bytes of each body that the call log keeps (default 4096)"
    )
    wanted = parser.parse_args(arguments)
    if wanted.body_limit < 0:
        parser.error("--body-limit must not be negative")
    if wanted.mail_port is None:
        wanted.mail_port = wanted.port + 1 if wanted.port else 0
    if wanted.empty:
        wanted.profile = "empty"
    return wanted


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """The folder of the twins' files: the given one, or one that is removed at the end."""
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data
    else:
        with tempfile.TemporaryDirectory(prefix="tieout-sandbox-") as temporary:
            yield Path(temporary)


def _seed(sandbox: Sandbox, wanted: argparse.Namespace) -> None:
    kept = sandbox.seeded
    if wanted.profile == "empty":
        if wanted.reseed or kept.profile == "empty":
            sandbox.seed("empty")
        return
    if kept.profile == "empty" or wanted.reseed:
        deals = 60 if wanted.deals is None else wanted.deals
        sandbox.seed(wanted.profile, deals, wanted.seed, wanted.invoices or 0)
    elif wanted.deals not in {None, kept.deals}:
        raise SeedError(
            f"{wanted.data} already holds a company of {kept.deals} deals. Add --reseed to replace it by one of "
            f"{wanted.deals}, or leave --deals out to go on with it."
        )
    elif wanted.invoices not in {None, kept.invoices}:
        raise SeedError(
            f"{wanted.data} already holds a company that was made with --invoices {kept.invoices}. Add --reseed to "
            f"replace it, or leave --invoices out to go on with it."
        )
    elif wanted.profile not in {"demo", kept.profile}:
        raise SeedError(f"{wanted.data} already holds the profile {kept.profile}. Add --reseed to replace it.")


def _serve(listening: Listening, sink: MailSink, sandbox: Sandbox, *, as_json: bool) -> None:
    """Answer until a signal comes. The first SIGINT or SIGTERM stops in order, a second SIGINT at once."""
    over = threading.Event()

    def stop(number: int, frame: object) -> None:
        over.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    listening.start()
    sink.start()
    try:
        access = Access.at(listening.url, sink.port)
        if as_json:
            print(json.dumps(access.to_json()), flush=True)  # noqa: T201
        else:
            _introduce(access, sandbox)
        over.wait()
    finally:
        sink.stop()
        listening.stop()


def _introduce(access: Access, sandbox: Sandbox) -> None:
    console = Console(highlight=False)
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    intacct, hubspot = access.intacct, access.hubspot
    for name, value in (
        ("[bold]Sage Intacct[/bold]", ""),
        ("endpoint", intacct.url),
        ("sender", f"{intacct.sender_id} / {intacct.sender_password}"),
        ("company", f"{intacct.company_id}, entities {', '.join(intacct.entities)}"),
        ("user", f"{intacct.user_id} / {intacct.user_password}"),
        ("[bold]HubSpot[/bold]", ""),
        ("base URL", hubspot.url),
        ("token", hubspot.token),
        ("portal", str(hubspot.portal_id)),
        ("client secret", hubspot.client_secret),
        ("[bold]Mail and Slack[/bold]", ""),
        ("SMTP", f"{access.mail.host}:{access.mail.port}, without TLS and login"),
        ("webhook", access.slack.url),
        ("[bold]Look and control[/bold]", f"{access.control}/"),
    ):
        table.add_row(name, value)
    what = "empty" if sandbox.seeded.profile == "empty" else f"a company with {sandbox.seeded.deals} won deals"
    console.print(f"The twins are ready ({what}; everything in them is made up). Ctrl-C stops them.\n")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
