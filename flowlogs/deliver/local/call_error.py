"""The error of a call to the local Firehose, in the shape of botocore's."""

from flowlogs.errors import FlowlogsError


class CallError(FlowlogsError):
    """A call that Firehose refuses as a whole; `response` is what botocore's ClientError carries."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.response = {"Error": {"Code": code, "Message": message}}

    @property
    def code(self) -> str:
        """AWS's error code."""
        return self.response["Error"]["Code"]

    @property
    def message(self) -> str:
        """AWS's sentence."""
        return self.response["Error"]["Message"]
