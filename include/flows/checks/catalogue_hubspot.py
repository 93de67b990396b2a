"""Whether what the settings name in HubSpot exists there: properties and their options, pipelines, stages, owners,
sequences, companies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.errors import NotFound
from include.connectors.hubspot.pipelines import get_pipelines
from include.connectors.hubspot.properties import PropertyDefinition, get_properties
from include.core.errors import TieoutError, TransientError
from include.core.settings_problems import Problem
from include.flows.checks.catalogue_names import Kind, Named
from include.flows.checks.finding import Finding
from include.flows.owners import read_owners

Verdict = str
"""Why a name is wrong, with the remedy; ``""`` where it is right."""


def check_hubspot_names(hubspot: HubSpotClient, names: Sequence[Named]) -> list[Finding]:
    """One problem for each place that names what is not there; one good finding for all others together.

    What the token may not read is one ``unknown`` for each kind. Raises ``TransientError``.
    """
    catalogue = _Catalogue(hubspot, names)
    findings, good = list[Finding](), 0
    for kind, judge in catalogue.judges().items():
        its = [one for one in names if one.kind == kind]
        try:
            verdicts = [(one, judge(one)) for one in its]
        except TransientError:
            raise
        except TieoutError as error:
            why = f"Whether the {_WORDS[kind]} in the settings exist was not checked: {error.message}"
            findings.append(Finding("settings", _WORDS[kind], "unknown", why))
            continue
        wrong = [Problem(one.file, one.key, _shown(one), why, one.line) for one, why in verdicts if why]
        findings += [Finding.of(problem) for problem in wrong]
        good += len(its) - len(wrong)
    if good:
        told = f"{good} properties, options, stages, owners and the like exist in HubSpot."
        findings.append(Finding("settings", "catalogue of HubSpot", "ok", told))
    return findings


_WORDS: Mapping[Kind, str] = {
    "property": "properties",
    "option": "options of properties",
    "pipeline": "pipelines",
    "stage": "stages",
    "owner": "owners",
    "sequence": "sequences",
    "company": "companies",
}


class _Catalogue:
    """HubSpot's catalogue; each part is read when first asked for, once."""

    def __init__(self, hubspot: HubSpotClient, names: Sequence[Named]) -> None:
        self._hubspot = hubspot
        companies = [one.value for one in names if one.kind == "company"]
        self._companies = cache(lambda: batch_read(hubspot, "companies", companies, ["name"]).by_id())
        self._definitions: Callable[[str], Mapping[str, PropertyDefinition]] = cache(
            lambda kind: get_properties(hubspot, kind)
        )
        self._pipelines = cache(lambda: {one.id: one for one in get_pipelines(hubspot) if not one.archived})
        self._owners = cache(lambda: read_owners(hubspot).active)

    def judges(self) -> Mapping[Kind, Callable[[Named], Verdict]]:
        return {
            "property": self._property,
            "option": self._option,
            "pipeline": self._pipeline,
            "stage": self._stage,
            "owner": self._owner,
            "sequence": self._sequence,
            "company": self._company,
        }

    def _property(self, one: Named) -> Verdict:
        return "" if one.value in self._definitions(one.of) else f"HubSpot's {one.of} have no such property"

    def _option(self, one: Named) -> Verdict:
        kind, _, name = one.of.partition(".")
        there = self._definitions(kind).get(name)
        if there is None or there.type != "enumeration" or one.value in there.options:
            return ""  # a property that is not there is told by itself; a text can have any value
        return f"{name} of HubSpot's {kind} has no such option; it has {_listed(there.options)}"

    def _pipeline(self, one: Named) -> Verdict:
        if one.value in self._pipelines():
            return ""
        return f"HubSpot has no such deal pipeline; it has {_listed(self._labelled())}"

    def _labelled(self) -> list[str]:
        return [f"{one.id} ({one.label})" for one in self._pipelines().values()]

    def _stage(self, one: Named) -> Verdict:
        pipeline = self._pipelines().get(one.of)
        stages = [stage for stage in (pipeline.stages if pipeline else ()) if not stage.archived]
        if pipeline is None or one.value in {stage.id for stage in stages}:
            return ""
        known = _listed([f"{stage.id} ({stage.label})" for stage in stages])
        return f"pipeline {pipeline.label} has no such stage; it has {known}"

    def _owner(self, one: Named) -> Verdict:
        owners = self._owners()
        if one.value in owners or one.value.casefold() in {email.casefold() for email in owners.values() if email}:
            return ""
        return "no active owner of the HubSpot account has this id or address; name another"

    def _sequence(self, one: Named) -> Verdict:
        try:
            self._hubspot.request("GET", self._hubspot.paths.sequences(one.value), query={"userId": one.of})
        except NotFound:
            return "HubSpot has no such sequence"
        return ""

    def _company(self, one: Named) -> Verdict:
        return "" if one.value in self._companies() else "HubSpot has no such company; it may be archived or merged"


def _listed(values: Iterable[str], most: int = 12) -> str:
    listed = list(values)
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")


def _shown(one: Named) -> str:
    return "an e-mail address" if "@" in one.value else one.value
