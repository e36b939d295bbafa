"""Finds the distributions that bring packages, and what those need in turn."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from infra.bundle.bundle_error import BundleError
from infra.bundle.lock import Lock
from infra.bundle.target import Target

BROUGHT_BY_LAMBDA = frozenset({"boto3", "botocore", "python-dateutil", "s3transfer", "six", "urllib3"})
"""What Lambda's Python runtime has: the AWS SDK and its dependencies; AWS advises not to bring parts of them along.

jmespath is missing here on purpose: Powertools declares it for itself.
Source: Lambda Developer Guide, "Working with .zip file archives for Python Lambda functions", runtime dependencies.
"""


def distributions_of(packages: Iterable[str], target: Target, lock: Lock) -> list[NormalizedName]:
    """Give the distributions of top-level packages and all they require on the target, without extras, sorted.

    What is required is read in the environment that runs this, so it must be the one of the lock file.
    Raise BundleError for a package that no distribution here brings, and for another version than the lock file's.
    """
    found: set[NormalizedName] = set()
    waiting = [name for package in packages for name in _bringing(package)]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in BROUGHT_BY_LAMBDA:
            found.add(name)
            waiting += _required(name, target, lock)
    return sorted(found)


@cache
def _installed() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())  # reads every distribution's list of files: once is enough


def _bringing(package: str) -> list[NormalizedName]:
    names = _installed().get(package)
    if not names:
        raise BundleError(f"a function imports {package}, which no installed distribution brings: run `make setup`")
    return [canonicalize_name(name) for name in names]


def _required(name: NormalizedName, target: Target, lock: Lock) -> Iterator[NormalizedName]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise BundleError(f"{name} is needed by a function, but is not installed here: run `make setup`") from error
    lock.check(name, distribution.version)
    markers = target.markers()
    for requirement in map(Requirement, distribution.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate(markers):
            yield canonicalize_name(requirement.name)
