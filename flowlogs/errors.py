"""Every error this library raises on purpose.

FlowlogsError
├── SettingsError       a setting is wrong; the sentence names it and says what it takes
├── MalformedFormat     a format string or header that no line can be read by
├── MalformedRecord     a line that does not fit its log format; names the field and the reason
├── MalformedEnvelope   what should carry lines cannot be opened
├── UnreadableInput     a file, folder or address that cannot be read
├── UnusableInventory   an inventory file that is none
├── UnusableDatabase    a geo database that is missing, corrupt or of another kind
├── StreamError         a put to a delivery stream that failed as a whole
├── NotKept             lines that could neither be delivered nor kept as dead letters
├── FetchFailed         a geo database or list that could not be fetched (flowlogs/geoip/fetch_failed.py)
│   └── NotThere        the server has nothing at that address
├── DomainError         an OpenSearch domain that does not do what is asked (flowlogs/search/domain_errors.py)
└── of flowlogs/doctor  Refused, NoDeployment, Unseen, NotYet: what a look at a deployment could not see
"""


class FlowlogsError(Exception):
    """What all errors of this library have in common: `str()` is one sentence for a person."""


class SettingsError(FlowlogsError):
    """A setting is wrong; the sentence names it and says what it takes."""


class MalformedFormat(FlowlogsError):
    """A format string or header that no line can be read by."""


class MalformedRecord(FlowlogsError):
    """A line that does not fit its log format. The line itself is never part of the text."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class MalformedEnvelope(FlowlogsError):
    """What should carry lines (gzip, base64, JSON) cannot be opened."""


class UnreadableInput(FlowlogsError):
    """A file, folder or address that cannot be read."""


class UnusableInventory(FlowlogsError):
    """An inventory file that is none."""


class UnusableDatabase(FlowlogsError):
    """A geo database that is missing, corrupt or of another kind."""


class StreamError(FlowlogsError):
    """A put to a delivery stream that failed as a whole, with AWS's error code.

    `temporary` says whether the same call may succeed later.
    """

    def __init__(self, code: str, *, temporary: bool) -> None:
        super().__init__(f"the delivery stream answered {code}")
        self.code = code
        self.temporary = temporary


class NotKept(FlowlogsError):
    """Lines that could neither be delivered nor kept as dead letters: the caller must send them again."""
