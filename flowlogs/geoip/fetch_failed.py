"""What is raised where something could not be fetched."""

from flowlogs.errors import FlowlogsError


class FetchFailed(FlowlogsError):
    """Something could not be fetched, or what came is not what was asked for."""


class NotThere(FetchFailed):
    """The server has nothing at that address (404, 410)."""
