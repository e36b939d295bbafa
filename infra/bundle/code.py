"""The functions' code as the CDK takes it."""

from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from infra.bundle.builder import build
from infra.bundle.recipe import ROOT, handler_of, recipe_of
from infra.bundle.target import LAMBDA

__all__ = ["ARCHITECTURE", "RUNTIME", "function_code", "handler_of"]

RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64


@jsii.implements(cdk.ILocalBundling)
class UvBundling:
    """Bundles one function on this machine, or fails: it never leaves the work to Docker."""

    def __init__(self, function: str) -> None:
        self._function = function

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        """Make the bundle; an error ends the synthesis with its sentence.

        The CDK hands over a folder of its own, which takes the asset's name only when this has returned.
        """
        build(self._function, LAMBDA, Path(output_dir))
        return True


def function_code(name: str) -> lambda_.AssetCode:
    """Give the code of `functions/<name>`: one asset however often it is asked for, bundled only when it is needed.

    Its hash is that of what goes in, so that an asset already uploaded is neither made nor uploaded again. Raise
    BundleError where something that goes in is missing.
    """
    return lambda_.Code.from_asset(
        str(ROOT / "functions" / name),
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        asset_hash=recipe_of(name, LAMBDA).fingerprint(),
        bundling=cdk.BundlingOptions(image=RUNTIME.bundling_image, local=UvBundling(name)),
    )
