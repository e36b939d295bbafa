"""Where a local stream would be in AWS."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """Names of a stream and its function, from which their ARNs follow."""

    name: str
    region: str
    account_id: str
    function: str
    """Name of the function that transforms."""

    @property
    def stream_arn(self) -> str:
        """ARN of the delivery stream."""
        return f"arn:aws:firehose:{self.region}:{self.account_id}:deliverystream/{self.name}"

    @property
    def function_arn(self) -> str:
        """ARN of the function."""
        return f"arn:aws:lambda:{self.region}:{self.account_id}:function:{self.function}"
