"""Reads every DAG as Airflow would, and imports every hook; says which cannot be. Needs Airflow's environment."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module

from tieout.local.environment import ROOT
from tieout.provider import get_provider_info


def main() -> int:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.exceptions import RemovedInAirflow4Warning

    warnings.simplefilter("error", RemovedInAirflow4Warning)
    problems = []
    for row in get_provider_info()["connection-types"]:
        module, _, name = row["hook-class-name"].rpartition(".")
        try:
            getattr(import_module(module), name)
        except Exception as error:
            problems.append(f"{row['hook-class-name']}: {type(error).__name__}: {error}")
    found = 0
    for folder in ("dags", "example_dags"):
        bag = DagBag(str(ROOT / folder))
        found += len(bag.dags)
        problems += [f"{folder}/{file}: {error.strip()}" for file, error in bag.import_errors.items()]
    if found == 0:
        problems.append("no DAG was found")
    sys.stdout.write("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
