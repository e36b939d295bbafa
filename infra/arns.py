"""Writes what a template refers to, as cdk-nag and people read it: references in angle brackets."""

from typing import Any


def written(resolved: Any) -> str:
    """Write an ARN or a name that CloudFormation's functions make, such as `<Bucket.Arn>/ingest/*`."""
    if isinstance(resolved, str):
        return resolved
    ((function, argument),) = resolved.items()
    if function == "Ref":
        return f"<{argument}>"
    if function == "Fn::GetAtt":
        return f"<{'.'.join(argument)}>"
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(written(part) for part in parts)
    return f"<{function}>"
