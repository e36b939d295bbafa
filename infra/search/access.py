"""Who may send requests to the domain; what they may do there is fine-grained access control's matter."""

from collections.abc import Sequence


def access_policy(
    *,
    domain_arn: str,
    allowed_ips: Sequence[str] | None,
    roles: Sequence[str],
    setup_requests: Sequence[tuple[str, str]],
) -> dict[str, object]:
    """Write the domain's policy; `allowed_ips` of None: the domain is inside a VPC, whose security group decides.

    1. People, who sign in by password or SAML and so are nobody to IAM, from the allowed networks only.
    2. Our roles, who sign their requests, from anywhere.
    3. `search_setup` signs in by password from addresses that nobody knows before: each of `setup_requests` (method and
       path) is open and nothing else, and there the master user's password counts. Needed on a public domain only.

    A request carries a password or a signature, never both, and one without a signature is no role's.
    Source: OpenSearch Service Developer Guide, "Fine-grained access control", access policies and IAM; an IP condition
    is refused inside a VPC: "Identity and access management", IP-based policies.
    """
    anybody = {"AWS": "*"}
    statements: list[dict[str, object]] = [
        {
            "Sid": "Roles",
            "Effect": "Allow",
            "Principal": {"AWS": list(roles)},
            "Action": ["es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"],
            "Resource": f"{domain_arn}/*",
        }
    ]
    people: dict[str, object] = {
        "Sid": "People",
        "Effect": "Allow",
        "Principal": anybody,
        "Action": "es:ESHttp*",
        "Resource": f"{domain_arn}/*",
    }
    if allowed_ips is None:
        statements.append(people)
    elif allowed_ips:
        statements.append({**people, "Condition": {"IpAddress": {"aws:SourceIp": list(allowed_ips)}}})
    if allowed_ips is not None:
        statements += [
            {
                "Sid": f"{method.title()}ByPassword",
                "Effect": "Allow",
                "Principal": anybody,
                "Action": f"es:ESHttp{method.title()}",
                "Resource": [f"{domain_arn}{path}" for asked, path in setup_requests if asked == method],
            }
            for method in sorted({method for method, _ in setup_requests})
        ]
    return {"Version": "2012-10-17", "Statement": statements}
