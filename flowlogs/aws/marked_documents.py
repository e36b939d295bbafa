"""Counts marked documents in an OpenSearch domain."""

from collections.abc import Mapping
from typing import Any

from flowlogs.aws.opensearch import Domain, password, signed
from flowlogs.aws.secrets import user_and_password
from flowlogs.doctor.asked import Stack, Unseen
from flowlogs.doctor.refused import Refused
from flowlogs.errors import SettingsError
from flowlogs.generate.smoke import MOST
from flowlogs.search.domain_errors import DomainUnreachable, RequestRefused, SignInRefused

_ANSWERED = "it answered"
"""How the cause begins where a domain was reached and asks for patience."""
_FORBIDDEN = "answered 403"
"""What a domain's policy answers to an address that it does not let in; a wrong password is 401."""


class MarkedDocuments:
    """Documents of a domain whose interface is the marker (`flowlogs.doctor.asked.Marks`)."""

    def __init__(self, domain: Domain, index_prefix: str) -> None:
        """Raise Unseen where the domain does not answer, Refused where it does not let us in."""
        self._domain = domain
        self._indexes = f"{index_prefix}*"  # whatever the rotation, and without one
        try:
            domain.ping()
        except DomainUnreachable as error:
            if not error.cause.startswith(_ANSWERED):  # else it is there, only not now
                raise Unseen(
                    f"the domain cannot be seen from here ({error.cause}): where it is inside a VPC, run this from "
                    "a machine of that VPC"
                ) from error
        except SignInRefused as error:
            if _FORBIDDEN in str(error):
                raise Unseen(
                    "the domain cannot be seen from here: it lets in only the networks of search_allowed_ips, "
                    f"and who may search ({error})"
                ) from error
            raise Refused(str(error)) from error
        except RequestRefused as error:
            raise Refused(str(error)) from error

    def __call__(self, marker: str) -> Mapping[int, int]:
        """Give the number of documents by source port; raise Refused."""
        try:
            found = self._domain.search(self._indexes, _question(marker))
        except DomainUnreachable as error:
            raise Refused(str(error), temporary=True) from error  # it answered before
        except (SignInRefused, RequestRefused) as error:
            raise Refused(str(error)) from error
        return {int(bucket["key"]): int(bucket["doc_count"]) for bucket in _buckets(found)}


def _question(marker: str) -> dict[str, Any]:
    """Ask by phrase, which finds a whole value whether it is mapped as keyword or as text."""
    return {
        "size": 0,
        "query": {"match_phrase": {"interface-id": marker}},
        "aggs": {"ports": {"terms": {"field": "srcport", "size": MOST}}},
    }


def _buckets(found: Any) -> list[dict[str, Any]]:
    aggregations = found.get("aggregations", {}) if isinstance(found, dict) else {}
    buckets: list[dict[str, Any]] = aggregations.get("ports", {}).get("buckets", [])
    return buckets


def marked_documents(stack: Stack) -> MarkedDocuments:
    """Open the domain that a stack's outputs name; raise Refused, or Unseen where it is out of reach."""
    outputs = stack.outputs
    try:
        if secret := outputs.get("SearchSecret"):
            sign_in = password(*user_and_password(secret), origin=f"the secret {secret}")
        else:
            sign_in = signed(stack.region)
        return MarkedDocuments(Domain(outputs["SearchEndpoint"], sign_in), outputs["IndexPrefix"])
    except SettingsError as error:
        raise Refused(str(error)) from error
