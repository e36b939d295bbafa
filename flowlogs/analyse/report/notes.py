"""What a reader of a report must know before believing its numbers."""

from collections.abc import Iterator

from flowlogs.analyse.report.summary import Summary


def notes(summary: Summary, told_apart: int, addresses: int, outside: int, changing: int) -> Iterator[str]:
    """Say it in sentences: what is folded, what the data lack, what was lost."""
    if told_apart < addresses:
        yield (
            f"Of {addresses:,} addresses the {told_apart:,} that matter most are told apart; "
            "the others are summed up by country. All sums are exact, counts of different addresses are at least."
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
