"""``bin/faults``: bad days by seed, real kills, planted bugs. The last line of each is a JSON object."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tests.faults.judge import Verdict
from tests.faults.quiet import quiet

SHOWN = 5


def main(arguments: Sequence[str] | None = None) -> int:
    wanted = _parser().parse_args(arguments)
    if wanted.seed is not None:
        return _replay(wanted)
    if wanted.mutants:
        return _mutants(wanted)
    if wanted.load:
        return _load(wanted.load)
    if wanted.peers:
        return _peers()
    if wanted.kill:
        return _kills(wanted)
    return _schedules(wanted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/faults",
        description="Bad days of a small company, decided by seeds: the real flows, clients and state database over "
        "the twins, on virtual time. See docs/reliability.md. Exits with 1 where anything is wrong.",
    )
    parser.add_argument("--schedules", type=_count, default=1000, metavar="N", help="how many (default 1000)")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="SEED", help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, metavar="S", help="run this one and tell its story")
    parser.add_argument("--kind", choices=("writes", "posting", "whole"), default="", help="only this kind")
    parser.add_argument(
        "--control", action="store_true", help="a naive design (send, try again, remember): it must fail, else exit 1"
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite", help="of the state database")
    parser.add_argument("--kill", type=_count, metavar="N", help="kill so many real processes instead (SIGKILL)")
    parser.add_argument("--mutants", action="store_true", help="plant 20 bugs instead; each must be found")
    parser.add_argument("--peers", action="store_true", help="the lost-answer probe, beside sageintacctsdk from PyPI")
    parser.add_argument(
        "--load", type=_count, nargs="?", const=10_000, metavar="DEALS", help="a long day of a large company (10,000)"
    )
    parser.add_argument("--processes", type=_count, default=0, metavar="N", help="(default: one per processor)")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _schedules(wanted: argparse.Namespace) -> int:
    from tests.faults.engines import postgres_url
    from tests.faults.runner import verdicts

    seeds = range(wanted.first, wanted.first + wanted.schedules)
    started = time.perf_counter()
    with postgres_url(wanted.engine) as url:
        result = summed(
            verdicts(seeds, wanted.processes, url, kind=wanted.kind, control=wanted.control), wanted.control
        )
    result["seconds"] = round(time.perf_counter() - started, 1)
    result |= {"engine": wanted.engine, "from": wanted.first}
    print(json.dumps(result))  # noqa: T201
    return int(bool(result["bad"]) != wanted.control)


def summed(verdicts: Iterable[Verdict], control: bool = False) -> dict[str, Any]:
    """The figures of many schedules. The first bad ones are told, of the others how to see them again."""
    total, kinds, faults, bad = Counter[str](), Counter[str](), Counter[str](), 0
    for verdict in verdicts:
        total.update(
            schedules=1,
            duplicates=verdict.duplicates,
            lost=verdict.lost,
            stuck=verdict.stuck,
            cents_off=verdict.cents_off,
            requests=verdict.requests,
        )
        kinds[verdict.kind] += 1
        faults += verdict.faults
        if not verdict.good:
            bad += 1
            if bad <= SHOWN:
                print(verdict)  # noqa: T201
            if bad <= SHOWN or not control:
                again = f"bin/faults --seed {verdict.seed} --kind {verdict.kind}{' --control' if control else ''}"
                print(f"  again, with its story: {again}")  # noqa: T201
        if total["schedules"] % 500 == 0:
            print(f"{total['schedules']} schedules, {bad} bad", file=sys.stderr, flush=True)  # noqa: T201
    names = ("schedules", "duplicates", "lost", "stuck", "cents_off")
    return {
        **{name: total[name] for name in names},
        "bad": bad,
        "kinds": dict(sorted(kinds.items())),
        "requests": total["requests"],
        "faults": sum(faults.values()),
    }


def _kills(wanted: argparse.Namespace) -> int:
    from tests.faults.kill_work import carried_out, summed

    started, outcomes = time.perf_counter(), []
    with quiet():
        for outcome in carried_out(wanted.kill, min(6, wanted.kill // 40), wanted.processes or os.cpu_count() or 1):
            outcomes.append(outcome)
            if outcome.bad:
                print(str(outcome)[:600])  # noqa: T201
            if len(outcomes) % 100 == 0:
                print(f"{len(outcomes)} kills", file=sys.stderr, flush=True)  # noqa: T201
    result = summed(outcomes)
    result["seconds"] = round(time.perf_counter() - started, 1)
    print(json.dumps(result))  # noqa: T201
    return int(bool(result["bad"]))


def _mutants(wanted: argparse.Namespace) -> int:
    from tests.faults.mutant_hunt import SEEDS, hunted
    from tests.faults.mutants import MUTANTS
    from tests.faults.runner import verdicts

    started, tried, found = time.perf_counter(), 0, dict[str, int]()
    reach = Counter[str]()
    for one in hunted(wanted.processes or os.cpu_count() or 1, min(wanted.schedules, SEEDS)):
        mutant, tried = MUTANTS[one.mutant], tried + one.seeds
        if one.verdict is None:
            print(f"{mutant.what}: NOT FOUND by {one.seeds} seeds of kind {mutant.kind}", flush=True)  # noqa: T201
            continue
        found[mutant.what] = one.verdict.seed
        reach[mutant.kind] = max(reach[mutant.kind], one.seeds)
        first = str(one.verdict).splitlines()[:2]
        print(f"{mutant.what}: found by {mutant.kind} {'; '.join(map(str.strip, first))}"[:240], flush=True)  # noqa: T201
    print("The clean code on every one of these seeds:", flush=True)  # noqa: T201
    clean = summed(
        verdict
        for kind, seeds in sorted(reach.items())
        for verdict in verdicts(range(seeds), wanted.processes, kind=kind)
    )
    result = clean | {"mutants": len(MUTANTS), "found": len(found), "seeds_tried": tried, "first_seeds": found}
    print(json.dumps(result | {"seconds": round(time.perf_counter() - started, 1)}))  # noqa: T201
    return int(len(found) < len(MUTANTS) or bool(clean["bad"]))


def _peers() -> int:
    from tests.faults.peers import INVOICES, probe

    started = time.perf_counter()
    with quiet():
        found = probe()
    for fault, both in found.items():
        for who, came in both.items():
            told = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in came.items())
            print(f"{fault}: {who}: {told}")  # noqa: T201
    ours = [both["ours"] for both in found.values()]
    theirs = [both["sageintacctsdk"] for both in found.values()]
    result = {
        "invoices": INVOICES,
        "duplicates": sum(one["duplicates"] for one in ours),
        "lost": sum(one["lost"] for one in ours),
        "peer_duplicates": sum(one["duplicates"] for one in theirs),
        "peer_lost": sum(one["lost"] for one in theirs),
        "faults": found,
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(result))  # noqa: T201
    return int(bool(result["duplicates"] or result["lost"]))


def _load(deals: int) -> int:
    from tests.faults.load import day

    started = time.perf_counter()
    with quiet():
        result = day(deals)
    result["seconds"] = round(time.perf_counter() - started, 1)
    print(json.dumps(result))  # noqa: T201
    return int(bool(result["bad"]))


def _replay(wanted: argparse.Namespace) -> int:
    from tests.faults.engines import postgres_url
    from tests.faults.runner import Bench

    started = time.perf_counter()
    with postgres_url(wanted.engine) as url:
        with quiet():
            bench = Bench(url)
        with quiet(print):
            verdict = bench.run(wanted.seed, kind=wanted.kind, control=wanted.control, tell=print)
        with quiet():
            again = bench.run(wanted.seed, kind=wanted.kind, control=wanted.control)
    print(verdict)  # noqa: T201
    result = summed([verdict])
    result |= {"seed": wanted.seed, "digest": verdict.digest, "same_twice": verdict.digest == again.digest}
    result["seconds"] = round(time.perf_counter() - started, 1)
    print(json.dumps(result))  # noqa: T201
    return int(not verdict.good or verdict.digest != again.digest)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets is part of a schedule
        command = [sys.executable, "-m", "tests.faults", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606
    sys.exit(main())
