"""An invocation of a transformation that failed."""

from flowlogs.errors import FlowlogsError


class InvocationError(FlowlogsError):
    """An invocation that failed as a whole, by Firehose's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
