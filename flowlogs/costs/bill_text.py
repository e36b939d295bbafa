"""Writes a bill for a terminal, with what narrowing the search stream would save."""

from dataclasses import replace

from flowlogs.costs.bill import Bill
from flowlogs.costs.month import saved
from flowlogs.costs.plan import NARROWINGS, kept_share
from flowlogs.costs.volumes import Volumes


def bill_text(bill: Bill) -> str:
    """Write at most twelve lines: the month, its parts, the assumptions that matter, the savings."""
    plan, prices = bill.plan, bill.prices
    month = f"About {_dollars(bill.total)} a month for {plan.lines_per_second:,.0f} flow records a second"
    lines = [f"{month} (list prices of {prices.region}, {prices.dated}, an estimate):"]
    lines += [f"  {part:<10}{_dollars(dollars):>10}  {_largest(bill, part)}" for part, dollars in bill.parts().items()]
    lines += [*_savings(bill), *_room(bill)]
    if unpriced := bill.unpriced:
        more = f", and {len(unpriced) - 1} more" if unpriced[1:] else ""
        lines.append(f"  Left out: {unpriced[0]}{more}.")
    return "\n".join(lines)


def _largest(bill: Bill, part: str) -> str:
    largest = max((item for item in bill.items if item.part == part), key=lambda item: item.dollars)
    return f"mostly {largest.item}, {largest.quantity}"


def _savings(bill: Bill) -> list[str]:
    plan = bill.plan
    if not plan.search or plan.search_keep < 1:
        return []
    if plan.source == "firehose":
        return ["  Narrowing saves little here: Firehose takes every line in before the decorator leaves it out."]
    savings = []
    for keep in NARROWINGS:
        narrowed = replace(plan, search_keep=kept_share(keep, plan.rejects))
        savings.append(f"{keep} saves {_dollars(saved(plan, narrowed, bill.prices))}")
    return [f"  search_keep: {', '.join(savings)}, where {plan.rejects:.0%} are rejects; a smaller domain saves more."]


def _room(bill: Bill) -> list[str]:
    """Say how much the domain must hold: the price of one that is too small would be worth nothing."""
    plan = bill.plan
    if not plan.search or not plan.search_nodes:
        return []
    needed, room = Volumes(plan).index_a_day, plan.search_nodes * plan.search_volume_gb
    return [f"  A day of documents needs about {needed:,.1f} GB of index; the domain has {room:,.0f} GB."]


def _dollars(dollars: float) -> str:
    return f"${dollars:,.0f}" if round(dollars) >= 10 or not dollars else f"${dollars:,.2f}"
