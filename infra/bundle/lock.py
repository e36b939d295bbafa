"""Cuts single requirements out of the lock file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from infra.bundle.bundle_error import BundleError
from infra.bundle.target import Target

_RESOLVE_ANEW = "run `make lock`, then `make setup`"


@dataclass(frozen=True, slots=True)
class Locked:
    """One requirement of the lock file: its text with all hashes, as it stands there."""

    requirement: Requirement
    text: str

    @property
    def version(self) -> str:
        """Give the one version it allows."""
        return str(self.requirement.specifier).removeprefix("==")

    def is_for(self, markers: Mapping[str, str]) -> bool:
        """Tell whether it holds where the environment markers have these values."""
        return self.requirement.marker is None or self.requirement.marker.evaluate(dict(markers))


class Lock:
    """The lock file: universal, so a distribution may stand there more than once, with different markers."""

    def __init__(self, path: Path) -> None:
        self._entries: dict[NormalizedName, list[Locked]] = {}
        for text in re.split(r"\n(?=\S)", path.read_text().strip()):
            requirement = Requirement(text.partition("\n")[0].rstrip(" \\"))
            self._entries.setdefault(canonicalize_name(requirement.name), []).append(Locked(requirement, text))

    def entry(self, distribution: NormalizedName, target: Target) -> Locked:
        """Give the requirement of a distribution for a target; raise BundleError where there is none."""
        markers = target.markers()
        for entry in self._entries.get(distribution, ()):
            if entry.is_for(markers):
                return entry
        raise BundleError(
            f"{distribution} is needed by a function, but requirements.lock has none for {target}: {_RESOLVE_ANEW}"
        )

    def check(self, distribution: NormalizedName, version: str) -> None:
        """Raise BundleError unless the lock file has this version, whatever its markers."""
        locked = [entry.version for entry in self._entries.get(distribution, ())]
        if locked and version not in locked:
            raise BundleError(
                f"{distribution} {version} is installed here, but requirements.lock has {' and '.join(locked)}: "
                "run `make setup`"
            )
