"""``python -m include.reports.verify FOLDER``: are the files of a close pack as they were made?

Says ``ok``, or which file differs. Exit code 0 for ok, 1 otherwise. The hash that it prints is the manifest's own: it
must be the one in the mail that told of the pack, or anybody who can write the files could have made a new manifest.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from include.reports.manifest import differences, read_manifest


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m include.reports.verify", description=(__doc__ or "").strip())
    parser.add_argument("folder", type=Path, nargs="+")
    good = True
    for folder in (one.resolve() for one in parser.parse_args(arguments).folder):
        wrong = differences(folder)
        good = good and not wrong
        if wrong:
            sys.stdout.write("".join(f"{one}\n" for one in wrong))
            continue
        told, hashed = read_manifest(folder)
        sys.stdout.write(f"{folder.name}: ok, {len(told['files'])} files; manifest {hashed}\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
