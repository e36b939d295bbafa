"""Finds what a module imports, and what that imports, by reading and without running it."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path, PurePosixPath
from typing import TypeGuard

from infra.bundle.bundle_error import BundleError

OWN = ("flowlogs", "functions")
"""The trees whose modules are copied; what else is imported is Python's own or of a distribution."""

_COMPILED = (".py", ".pyc", ".pyi")


@dataclass(frozen=True, slots=True)
class Closure:
    """What a module needs: own files relative to the root, and the top-level names of other packages, both sorted."""

    files: tuple[PurePosixPath, ...]
    third_party: tuple[str, ...]


def closure_of(module: str, root: Path) -> Closure:
    """Follow every import statement from a module on, those inside functions too; not those only type checkers see.

    What is imported by a name made at run time (`importlib.import_module`) is not found. Data files that lie beside
    the modules of a package come with the package. Raise BundleError for an own module that does not exist.
    """
    found: dict[str, Path] = {}
    third_party: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        top = name.partition(".")[0]
        if top not in OWN:
            third_party.add(top)
        elif name not in found:
            found[name] = _file_of(name, root)
            waiting += [*_packages_above(name), *_imported(name, found[name], root)]
    files = {*found.values(), *_data(found.values())}
    return Closure(
        tuple(sorted(PurePosixPath(path.relative_to(root).as_posix()) for path in files)),
        tuple(sorted(third_party - sys.stdlib_module_names)),
    )


def _packages_above(name: str) -> Iterator[str]:
    """Give the packages a module lies in: Python runs their `__init__.py` first."""
    while name := name.rpartition(".")[0]:
        yield name


def _candidates(name: str, root: Path) -> tuple[Path, Path]:
    place = root.joinpath(*name.split("."))
    return place / "__init__.py", place.with_suffix(".py")  # in the order in which Python looks


def _file_of(name: str, root: Path) -> Path:
    for path in _candidates(name, root):
        if path.is_file():
            return path
    raise BundleError(f"{name} is imported, but there is no such module")


def _imported(name: str, path: Path, root: Path) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _import_statements(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            continue
        module = resolve_name("." * node.level + (node.module or ""), package)
        yield module
        for alias in node.names:  # `from a import b`: b is a module of a, or only a name in it
            if any(path.is_file() for path in _candidates(f"{module}.{alias.name}", root)):
                yield f"{module}.{alias.name}"


def _import_statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    for child in node.orelse if _is_for_type_checkers(node) else ast.iter_child_nodes(node):
        yield from _import_statements(child)


def _is_for_type_checkers(node: ast.AST) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _data(modules: Iterable[Path]) -> Iterator[Path]:
    """Give the files beside the modules of a package that are no modules: what they may open by their own place."""
    for package in {path.parent for path in modules if path.name == "__init__.py"}:
        for path in package.iterdir():
            if path.is_file() and path.suffix not in _COMPILED and not path.name.startswith("."):
                yield path
