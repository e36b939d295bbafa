"""What is asked because of an earlier answer: the parameters of the calls that follow it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowlogs.inventory.answers import Answer, Given, id_in, items_of, members_of

MOST_SERVICES = 10
"""Services in a call of DescribeServices. Source: ECS API, DescribeServices."""
MOST_PROJECTS = 100
"""Projects in a call of BatchGetProjects. Source: CodeBuild API, BatchGetProjects."""
_WITHOUT_ENTRIES = frozenset({"create-failed", "create-in-progress", "delete-complete", "delete-in-progress"})
"""States of a prefix list that has none. Source: EC2 API, PrefixListState."""


def everything(_: Sequence[Answer]) -> Iterator[Given]:
    """Ask once, for all there is."""
    yield {}


def latest_and_default(_: Sequence[Answer]) -> Iterator[Given]:
    """Ask for two versions of all launch templates at once. Source: EC2 API, DescribeLaunchTemplateVersions."""
    yield {"Versions": ["$Latest", "$Default"]}


def each_prefix_list(answers: Sequence[Answer]) -> Iterator[Given]:
    """Ask for the entries of every prefix list, AWS's own too."""
    for described in items_of(answers, "DescribeManagedPrefixLists"):
        if described.get("State") not in _WITHOUT_ENTRIES:
            yield {"PrefixListId": id_in(described, "PrefixListId")}


def pinned_versions(answers: Sequence[Answer]) -> Iterator[Given]:
    """Ask for versions of launch templates that an Auto Scaling group names by number, if they were not told yet."""
    told = {
        (version.get("LaunchTemplateId"), str(version.get("VersionNumber")))
        for version in items_of(answers, "DescribeLaunchTemplateVersions")
    }
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for group in items_of(answers, "DescribeAutoScalingGroups"):
        for named in _templates_of(group):
            template, version = named.get("LaunchTemplateId"), str(named.get("Version"))
            if template and version.isdecimal() and (template, version) not in told:
                wanted[template].add(version)
    for template, versions in sorted(wanted.items()):
        yield {"LaunchTemplateId": template, "Versions": sorted(versions, key=int)}


def _templates_of(group: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the launch templates that a group names. Source: Auto Scaling API, AutoScalingGroup."""
    mixed = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    holders = (mixed, *members_of(mixed, "Overrides"))
    for named in (group.get("LaunchTemplate"), *(holder.get("LaunchTemplateSpecification") for holder in holders)):
        if named:
            yield named


def each_cluster(answers: Sequence[Answer]) -> Iterator[Given]:
    """Ask for the services of every cluster."""
    for arn in items_of(answers, "ListClusters"):
        yield {"cluster": arn}


def described_services(answers: Sequence[Answer]) -> Iterator[Given]:
    """Ask what the services are, as many as a call takes, cluster by cluster."""
    for answer in answers:
        if answer.operation == "ListServices":
            for some in _in_parts(answer.items, MOST_SERVICES):
                yield {"cluster": answer.given["cluster"], "services": some}


def rules_of_each_cluster(answers: Sequence[Answer]) -> Iterator[Given]:
    """Ask which EventBridge rules start tasks on a cluster: the rules whose target it is."""
    for arn in items_of(answers, "ListClusters"):
        yield {"TargetArn": arn}


def each_rule(answers: Sequence[Answer]) -> Iterator[Given]:
    """Ask for the targets of these rules; a rule may start tasks on several clusters."""
    for rule in dict.fromkeys(items_of(answers, "ListRuleNamesByTarget")):
        yield {"Rule": rule}


def described_projects(answers: Sequence[Answer]) -> Iterator[Given]:
    """Ask what the projects are, as many as a call takes."""
    for some in _in_parts(list(items_of(answers, "ListProjects")), MOST_PROJECTS):
        yield {"names": some}


def _in_parts(names: Sequence[str], most: int) -> Iterator[list[str]]:
    for first in range(0, len(names), most):
        yield list(names[first : first + most])
