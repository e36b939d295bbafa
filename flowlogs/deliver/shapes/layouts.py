"""The shapes that are tables, by their setting, and what else must know of them: documents read back, aliases."""

from collections.abc import Mapping

from flowlogs.deliver.shapes.ecs import ECS
from flowlogs.deliver.shapes.layout import NATIVE, Layout
from flowlogs.deliver.shapes.ocsf import OCSF
from flowlogs.setting_kinds import Shape

LAYOUTS: Mapping[Shape, Layout] = {Shape.ECS: ECS, Shape.OCSF: OCSF}


def paths(shape: Shape) -> dict[str, str]:
    """Give where each native value stands in a shape; raise ValueError for `raw`, which is no JSON."""
    if shape is Shape.RAW:
        raise ValueError("a raw line has no paths")
    layout = LAYOUTS.get(shape)
    return {name: layout.places[name].path if layout else name for name in NATIVE}


def aliases(shape: Shape) -> dict[str, str]:
    """Give the path that a native name may stand for in searches; names that need none, or cannot have one, are absent.

    A name cannot be an alias where the shape has a key of that name at its root.
    """
    taken = roots(shape)
    return {name: path for name, path in paths(shape).items() if name != path and name not in taken}


def without_alias(shape: Shape) -> list[str]:
    """List the native names that mean nothing, or something else, in searches of a shape."""
    taken, where = roots(shape), paths(shape)
    return [name for name in NATIVE if name in taken and where[name] != name]


def roots(shape: Shape) -> set[str]:
    """Give the keys at the root of a shape's documents."""
    layout = LAYOUTS.get(shape)
    if layout is None:
        return set(paths(shape))
    every = [place.path for place in layout.places.values()]
    every += [derived.path for derived in layout.derived]
    return {path.split(".")[0] for path in (*every, *layout.constants, layout.extra)}
