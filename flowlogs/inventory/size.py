"""How much there is in an account and region, as far as it decides how many calls of AWS a snapshot takes."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Numbers of what there is; a sequence has a number for each of what its name says."""

    interfaces: int = 0
    security_groups: int = 0
    security_group_rules: int = 0
    launch_template_versions: int = 0
    """Latest and default versions together."""
    auto_scaling_groups: int = 0
    pinned_templates: Sequence[int] = ()
    """Versions of each launch template that Auto Scaling groups name by numbers of neither latest nor default."""
    launch_configurations: int = 0
    functions: int = 0
    databases: int = 0
    database_clusters: int = 0
    clusters: Sequence[int] = ()
    """Services of each ECS cluster."""
    task_rules: Sequence[int] = ()
    """EventBridge rules that start tasks on each ECS cluster, in the same order; empty: none on any."""
    compute_environments: int = 0
    build_projects: int = 0
    prefix_lists: Sequence[int] = ()
    """Entries of each managed prefix list, AWS's own too."""
    subnets: int = 0
    vpcs: int = 0
    network_acls: int = 0
    instances: int = 0


def parts(number: int, most: int) -> list[int]:
    """Divide so many things into parts of at most `most`; nothing has no part."""
    return [min(most, number - first) for first in range(0, number, most)]
