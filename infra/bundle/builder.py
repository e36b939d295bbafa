"""Makes the bundle of a function."""

import shutil
import tempfile
from pathlib import Path

from infra.bundle.bundle_error import BundleError
from infra.bundle.installer import install
from infra.bundle.recipe import ROOT, Recipe, recipe_of
from infra.bundle.target import Target
from infra.bundle.tidying import drop_surplus, level


def build(function: str, target: Target, output: Path, root: Path = ROOT) -> None:
    """Make the bundle of a function in a folder that is empty or not there yet; raise BundleError where it cannot be.

    The folder appears whole or stays as it was: the bundle is made beside it and then takes its place.
    """
    if output.exists() and any(output.iterdir()):
        raise BundleError(f"a bundle cannot be made in {output}: something is there already")
    recipe = recipe_of(function, target, root)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{output.name}.", dir=output.parent) as beside:
        made = Path(beside) / "bundle"
        made.mkdir()
        _fill(made, recipe)
        made.replace(output)


def _fill(folder: Path, recipe: Recipe) -> None:
    if recipe.requirements:
        install(recipe.requirements, recipe.target, folder)
        drop_surplus(folder)
    for file in recipe.files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(recipe.root / file, folder / file)
    level(folder)
