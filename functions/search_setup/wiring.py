"""Connects the custom resources of the search side with what fulfils them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flowlogs.aws.opensearch import Domain, SignIn, password, signed
from flowlogs.aws.secrets import UserAndPassword, user_and_password
from flowlogs.errors import SettingsError
from flowlogs.invocation import Context, Log
from flowlogs.search.index_template import index_patterns
from flowlogs.search.setup.placement import check_placement
from flowlogs.search.setup.plan import Plan
from flowlogs.search.setup.setting_up import SettingUp
from flowlogs.search.setup.step import DASHBOARDS, Result, Step
from flowlogs.settings import check_names, value_of

FUNCTION = "search_setup"
_TO_ANSWER = 1.0
"""Seconds of an invocation in which nobody is asked any more: they are for the answer."""
PLACEMENT, SETUP = "Custom::SearchPlacement", "Custom::SearchSetup"


@dataclass(frozen=True)
class Outside:
    """What lies outside the function; a test gives its own."""

    read_secret: Callable[[str], UserAndPassword] = user_and_password
    sleep: Callable[[float], None] = time.sleep


class SearchSetup:
    """The function: takes an event of CDK's provider framework, answers with the resource's id and data.

    Source: AWS CDK reference, "custom_resources", "Provider Framework": `onEvent`.
    """

    def __init__(self, secret: str | None, region: str, outside: Outside, log: Log) -> None:
        self._secret = secret
        self._region = region
        self._outside = outside
        self._log = log

    def __call__(self, event: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Do what the event asks; a Delete touches nothing, since the data outlive what set them up."""
        before = event.get("PhysicalResourceId")
        if event["RequestType"] == "Delete":
            return {"PhysicalResourceId": before}
        kind = event.get("ResourceType")
        if kind == PLACEMENT:
            return {"PhysicalResourceId": check_placement(event["ResourceProperties"], before)}
        if kind == SETUP:
            return self._set_up(Plan.of(event["ResourceProperties"]), context)
        raise SettingsError(f"{str(kind)[:60]!r} is no resource of this function: it takes {PLACEMENT} or {SETUP}")

    def _set_up(self, plan: Plan, context: Context) -> dict[str, Any]:
        def time_left() -> float:
            return context.get_remaining_time_in_millis() / 1000 - _TO_ANSWER

        domain = Domain(plan.endpoint, self._sign_in(), time_left=time_left)
        set_up = SettingUp(domain, time_left, self._outside.sleep, in_deployment=True)
        results = {step.name: self._logged(step).result for step in set_up(plan)}
        self._log.info("Set-up completed.", endpoint=plan.endpoint, index=plan.index_prefix, role=plan.role_name)
        return {
            "PhysicalResourceId": f"search-setup-{plan.index_prefix}",  # another prefix is another resource
            "Data": {
                "IndexPattern": ",".join(index_patterns(plan.index_prefix)),
                "RoleName": plan.role_name,
                "Dashboards": results[DASHBOARDS].value,
            },
        }

    def _logged(self, step: Step) -> Step:
        """Log what a deployer may want to do something about; CloudFormation never shows it."""
        if step.advice or step.result is Result.FAILED:
            self._log.warning(
                "A step of the set-up is not as it should be.",
                step=step.name,
                result=step.result.value,
                detail=step.detail,
                advice=step.advice,
            )
        return step

    def _sign_in(self) -> SignIn:
        """Sign in anew for each event: between two of them the password may have been changed."""
        if self._secret is None:
            return signed(self._region)
        username, secret_password = self._outside.read_secret(self._secret)
        return password(username, secret_password, origin=f"the secret {self._secret}")


def wire(environ: Mapping[str, str], log: Log, outside: Outside | None = None) -> SearchSetup:
    """Read the settings and make the function; raise SettingsError where one is wrong."""
    check_names(environ)
    secret, region = value_of(environ, "FLOWLOGS_SEARCH_SECRET"), environ.get("AWS_REGION", "")
    if secret is None and not region:
        raise SettingsError("AWS_REGION is not set: without FLOWLOGS_SEARCH_SECRET requests are signed for a region")
    return SearchSetup(secret, region, outside or Outside(), log)
