"""The CDK app: `make synth`, `make deploy`, or `cdk synth -c name=value`."""

import sys

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.bundle.bundle_error import BundleError
from infra.settings.settings import Settings, WrongSettings
from infra.stack import FlowLogsStack


def main() -> None:
    """Read the settings and write the templates; say in a sentence what is wrong with a setting."""
    app = App(context={"aws:cdk:disable-stack-trace": True})  # a warning needs no trace of the code that gave it
    try:
        settings = Settings.read(app.node.get_all_context())
    except WrongSettings as error:
        sys.exit("\n".join(f"Error: {sentence}" for sentence in str(error).splitlines()))
    try:
        FlowLogsStack(app, settings=settings)
    except BundleError as error:
        sys.exit(f"Error: {error}")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app, write_suppressions_to_cloud_formation=True))
    app.synth()


if __name__ == "__main__":
    main()
