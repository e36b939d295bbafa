"""Puts the retention policy into a domain, and the indexes that are there already under it.

Source: OpenSearch, "ISM API", and for what it leaves open the plugin's own code (opensearch-project/index-management,
`TransportIndexPolicyAction`, `TransportAddPolicyAction`, `TransportChangePolicyAction`). That the plugin of OpenSearch
Service answers alike is *assumed*.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowlogs.search.domain import Asked
from flowlogs.search.domain_errors import DomainError, RequestRefused
from flowlogs.search.prefix import rotated_indexes
from flowlogs.search.setup.plan import Plan
from flowlogs.search.setup.retention import KEPT, retention_policy

_CONFLICT = 409
_MANAGED = "already has a policy"
"""What ISM says in the reason of an index that was not added since it is under a policy, ours or another."""


def retention_paths(prefix: str, policy_id: str, plugins: str = "/_plugins") -> tuple[str, str, str]:
    """Give the paths at which the policy is put, added to indexes, and renewed for those that have it."""
    indexes, ism = rotated_indexes(prefix), f"{plugins}/_ism"
    return f"{ism}/policies/{policy_id}", f"{ism}/add/{indexes}", f"{ism}/change_policy/{indexes}"


@dataclass(frozen=True, slots=True)
class Retaining:
    """Sees to it that old indexes are deleted; raises DomainError. Done twice it changes nothing more.

    `plugins` begins ISM's paths.
    """

    domain: Asked
    plugins: str = "/_plugins"

    def __call__(self, plan: Plan) -> dict[str, str]:
        """Put the policy, add it where there is none, renew it where it is ours; give who was left out, and why.

        An index keeps the policy as it was when it got it, so another number of days has to be told to each of them.
        One that is under somebody else's policy stays there, unless it came there only now: ISM renews also where it
        has not looked at an index yet.
        """
        policy, add, change = retention_paths(plan.index_prefix, plan.role_name, self.plugins)
        if plan.retention_days is None:
            return {}
        self._put(policy, retention_policy(plan.index_prefix, plan.retention_days))
        left_out = self._post(add, {"policy_id": plan.role_name})
        managed = {index for index, reason in left_out.items() if _MANAGED in reason}
        if not managed:
            return left_out  # and `change_policy` is refused where a pattern finds no index
        not_renewed = self._post(change, {"policy_id": plan.role_name, "include": [{"state": KEPT}]})
        return not_renewed | {index: reason for index, reason in left_out.items() if index not in managed}

    def _put(self, path: str, policy: Mapping[str, Any]) -> None:
        """Put the policy; where somebody changes it at the same time, once more."""
        try:
            self._put_over_what_is_there(path, policy)
        except RequestRefused as error:
            if error.status != _CONFLICT:
                raise
            self._put_over_what_is_there(path, policy)

    def _put_over_what_is_there(self, path: str, policy: Mapping[str, Any]) -> None:
        found = self.domain.get(path)
        if found is None:
            self.domain.put(path, policy)
        else:
            self.domain.put(f"{path}?{self._known(path, found)}", policy)

    def _known(self, path: str, found: Any) -> str:
        try:
            return f"if_seq_no={found['_seq_no']}&if_primary_term={found['_primary_term']}"
        except (KeyError, TypeError) as error:
            raise DomainError(f"{self.domain.endpoint} does not answer GET {path} as OpenSearch does") from error

    def _post(self, path: str, body: Any) -> dict[str, str]:
        """Ask for a change of many indexes; give those that it did not come to, with the domain's reason.

        A refusal is such a reason too: new indexes get the policy by themselves, and a deployment of half an hour shall
        not be undone for the old ones.
        """
        try:
            answer = self.domain.post(path, body)
        except RequestRefused as error:
            return {path.rpartition("/")[2]: str(error)}
        failed = answer.get("failed_indices") if isinstance(answer, Mapping) else None
        return {str(each.get("index_name")): str(each.get("reason")) for each in failed or ()}
