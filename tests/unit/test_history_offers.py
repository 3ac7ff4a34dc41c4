from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tracker.history.index import Offer, Sdist
from tracker.history.locking import silent
from tracker.history.offers import matching


def sdist(filename: str, version: str, *, yanked: bool = False) -> Sdist:
    return Sdist(
        version=Version(version), filename=filename, url="", sha256="", uploaded=None, yanked=yanked
    )


def offer(*sdists: Sdist) -> Offer:
    return Offer(sdists=sdists, versions=frozenset(sdist.version for sdist in sdists))


def chosen(specifier: str, *offers: Offer) -> list[str]:
    return [one.filename for one in matching(offers, SpecifierSet(specifier), silent)]


def test_the_tar_is_preferred_in_any_order() -> None:
    tar, zipped = sdist("a-1.tar.gz", "1"), sdist("a-1.zip", "1")
    assert chosen("", offer(tar, zipped)) == chosen("", offer(zipped, tar)) == ["a-1.tar.gz"]


def test_the_first_index_wins() -> None:
    first, second = offer(sdist("a-1.zip", "1")), offer(sdist("a-1.tar.gz", "1"))
    assert chosen("", first, second) == ["a-1.zip"]


def test_the_order_is_that_of_versions() -> None:
    assert chosen("", offer(sdist("b", "1.10"), sdist("c", "2!0.1"), sdist("a", "1.9"))) == [
        "a",
        "b",
        "c",
    ]


def test_pre_releases_and_yanked_ones_only_when_asked_for() -> None:
    odd = offer(sdist("pre", "2.0rc1"), sdist("yanked", "1.5", yanked=True), sdist("plain", "1.0"))
    assert chosen("", odd) == chosen("<3", odd) == ["plain"]
    assert chosen(">=2.0rc1", odd) == ["pre"]
    assert chosen("==1.5", odd) == ["yanked"]
