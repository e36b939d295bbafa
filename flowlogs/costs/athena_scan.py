"""What Athena takes for a query: a price a terabyte that it scans, some megabytes at least."""

from flowlogs.costs.prices import Prices

_LEAST_BYTES = 10_000_000
_TB = 1e12


def billed_bytes(scanned: float) -> float:
    """Give the bytes that are paid for where so many were scanned. Source: Amazon Athena pricing, 10 MB at least."""
    return max(_LEAST_BYTES, scanned)


def scan_cost(scanned: float, prices: Prices) -> float | None:
    """Give the dollars for a query that scans so many bytes; None where the price was not found.

    Source of what a TB is: *assumed*, 10^12 bytes as everywhere in a bill of ours.
    """
    return prices.price("athena_scan").cost(billed_bytes(scanned) / _TB)
