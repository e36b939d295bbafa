"""What a reader of a report must know before believing its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from flowlogs.analyse.report.summary import Summary


@dataclass(frozen=True, slots=True)
class ToldApart:
    """How many addresses are told apart in lines over time, and everywhere else, of how many there are."""

    over_time: int
    everywhere: int
    of: int


def notes(summary: Summary, told: ToldApart, outside: int, changing: int) -> Iterator[str]:
    """Say it in sentences: what is folded, what the data lack, what was lost."""
    if told.everywhere < told.of:
        yield (
            f"Of {told.of:,} addresses the {told.everywhere:,} that matter most are told apart; "
            "the others are summed up by country. Sums are exact, counts of different addresses at least so many; "
            "under a filter that may mean one of the others, sums are at least or at most so much, and say so."
        )
    if told.over_time < told.everywhere:
        yield (
            f"For the {told.over_time:,} addresses that matter most all times are known; "
            f"for the other {told.everywhere - told.over_time:,} longer slices of time, or the whole time alone: "
            "a filter that names one of them says so."
        )
    if summary.skipdata:
        yield f"{summary.skipdata:,} records say SKIPDATA: there AWS lost records, and the sums are too small."
    if outside:
        yield f"{outside:,} flow records lie far from all others in time and are left out: ask for their time."
    if summary.without_time:
        yield f"{summary.without_time:,} flow records say no time and are left out."
    if summary.sampled:
        yield f"{summary.sampled:,} flow records are samples that stand for several each: the sums are of the samples."
    if changing:
        yield (
            f"{changing:,} interfaces say another VPC or subnet in some records than in others, or none there: "
            "the panels by VPC and subnet count all records of such an interface at one of them."
        )
    if summary.without_interface:
        yield (
            f"{summary.without_interface:,} flow records say a VPC, but no interface: "
            "the panels by VPC and subnet leave them out."
        )
    if summary.records:
        yield from _lacking(summary)
    minutes = summary.interval // 60
    yield f"A record sums a flow up over {minutes} min: the aggregation interval."


def _lacking(summary: Summary) -> Iterator[str]:
    if not summary.with_groups:
        yield "No record has security groups: the data were enriched without an inventory that knows its interfaces."
    if not summary.with_place:
        yield "No address has a country: the data were enriched without geo databases."
    if not summary.with_end:
        yield "No record says which end its interface is, so that nothing is known to be inbound or outbound."
    if not summary.with_ports:
        yield "No record has ports: the flow log leaves them out."
    if not summary.accepted:
        yield "There are no accepted records: the flow log may be for rejected traffic only."
    if not summary.rejected:
        yield "There are no rejected records: the flow log may be for accepted traffic only."
    if not summary.with_flags:
        yield "No record has TCP flags: who is the server follows from weaker evidence, ports among it."
