"""Which source distributions of a package are asked for."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import Version

from tracker.errors import UsageError
from tracker.history.index import Offer, Sdist, indexes, offer
from tracker.history.locking import Progress


def choose(package: str, specifier: str, say: Progress) -> list[Sdist]:
    """One distribution a version that is asked for, in the order of versions.

    Raises:
        UsageError: ``releases.specifier``, ``releases.name``, ``releases.unknown``,
            ``releases.index``.
        InfrastructureError: the network or the index failed.
    """
    wanted = _specifier(specifier)
    chosen = matching(_offers(package, say), wanted, say)
    if not chosen:
        raise UsageError(
            f"no release of {package} matches {specifier or 'anything'}",
            code="releases.unknown",
            hint="pre-releases, yanked releases and releases without source are left out",
        )
    return chosen


def matching(offers: Iterable[Offer], specifier: SpecifierSet, say: Progress) -> list[Sdist]:
    """Of all that the indexes offer, what is asked for; the first index wins.

    Pre-releases have to be named by the specifier, yanked releases to be pinned by it (PEP 440,
    PEP 592).
    """
    pinned = any(part.operator in ("==", "===") for part in specifier)
    best: dict[Version, Sdist] = {}
    versions: set[Version] = set()
    for one in offers:
        versions |= one.versions
        # of two archives of one version the tar, which knows what is executable
        tars_last = sorted(one.sdists, key=lambda sdist: sdist.filename.endswith(".tar.gz"))
        best = {sdist.version: sdist for sdist in tars_last} | best
    early = bool(specifier.prereleases)
    asked = sorted(one for one in versions if specifier.contains(one, prereleases=early))
    for version in asked:
        if version not in best:
            say(f"{version} has no source distribution and is left out")
    return [
        best[version]
        for version in asked
        if version in best and (pinned or not best[version].yanked)
    ]


def _specifier(text: str) -> SpecifierSet:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier as error:
        raise UsageError(
            f"{text!r} does not limit versions",
            code="releases.specifier",
            hint='write it as in requirements: ">=4.10,<4.26"',
        ) from error


def _offers(package: str, say: Progress) -> list[Offer]:
    try:
        canonicalize_name(package, validate=True)
    except InvalidName as error:
        raise UsageError(
            f"{package!r} cannot be a package",
            code="releases.name",
            hint="give its name on the package index, such as jsonschema",
        ) from error
    offers: list[Offer] = []
    unusable: list[UsageError] = []
    for index in indexes():
        try:
            offers.extend(filter(None, [offer(package, index)]))
        except UsageError as error:
            unusable.append(error)
    if unusable and not offers:
        raise unusable[0]
    for reason in unusable:
        say(f"left out: {reason.message}")
    if not offers:
        raise UsageError(
            f"no package index knows {package!r}",
            code="releases.unknown",
            hint="check its name, and the index that pip or uv are configured for",
        )
    return offers
