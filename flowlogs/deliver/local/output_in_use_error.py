"""Two runs that want the same file."""

from flowlogs.errors import FlowlogsError


class OutputInUseError(FlowlogsError):
    """Another run writes the same file, or one was killed while it did; the sentence names the file."""
