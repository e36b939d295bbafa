"""What goes into the bundle of a function, and the hash that changes with it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from infra.bundle.bundle_error import BundleError
from infra.bundle.distributions import distributions_of
from infra.bundle.imports import closure_of
from infra.bundle.lock import Lock
from infra.bundle.target import Target

ROOT = Path(__file__).parents[2]
"""The checkout: its functions, library and lock file."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what a bundle holds: own files relative to the root, and lines of the lock file."""

    root: Path
    target: Target
    files: tuple[PurePosixPath, ...]
    requirements: str

    def fingerprint(self) -> str:
        """Give the SHA-256 of everything in it and of the builder itself, as hexadecimal digits."""
        digest = hashlib.sha256()
        for part in self._parts():
            digest.update(len(part).to_bytes(8, "big") + part)  # the length: no two lists of parts run into one text
        return digest.hexdigest()

    def _parts(self) -> Iterator[bytes]:
        yield str(self.target).encode()
        yield self.requirements.encode()
        builder = sorted((self.root / "infra" / "bundle").glob("*.py"))
        for path in [*(self.root / file for file in self.files), *builder]:
            yield path.relative_to(self.root).as_posix().encode()
            yield path.read_bytes()


def functions(root: Path = ROOT) -> list[str]:
    """Give the names of the functions: the folders of `functions/` that have a handler, sorted."""
    return sorted(path.parent.name for path in (root / "functions").glob("*/handler.py"))


def handler_of(function: str) -> str:
    """Give what Lambda is told to call."""
    return f"functions.{function}.handler.handler"


def recipe_of(function: str, target: Target, root: Path = ROOT) -> Recipe:
    """Find what a function needs on a target; raise BundleError where something of it is missing."""
    if function not in functions(root):
        raise BundleError(f"there is no function {function}: there are {', '.join(functions(root))}")
    closure = closure_of(handler_of(function).rpartition(".")[0], root)
    lock = Lock(root / "requirements.lock")
    needed = distributions_of(closure.third_party, target, lock)
    requirements = "".join(f"{lock.entry(name, target).text}\n" for name in needed)
    return Recipe(root, target, closure.files, requirements)
