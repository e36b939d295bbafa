"""A call to AWS that gave no answer, in a sentence that says what to do."""

from flowlogs.aws_codes import DENIED, EXPIRED, NO_CREDENTIALS, SIGNED_OUT, THROTTLED, UNREACHED
from flowlogs.errors import FlowlogsError

_EXPIRED = EXPIRED | SIGNED_OUT
_UNKNOWN_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED = DENIED | {"403", "Forbidden"}  # of a HEAD, which has no body
_THROTTLED = THROTTLED | {"SlowDown"}
_NO_REGION = frozenset({"InvalidRegionError", "NoRegionError"})
_MISSING = frozenset({"404", "NoSuchBucket", "NoSuchKey", "ResourceNotFoundException"})
_FOR_EVERYTHING = _EXPIRED | NO_CREDENTIALS | _UNKNOWN_CREDENTIALS | _NO_REGION | {"ProfileNotFound"}


class Refused(FlowlogsError):
    """A call that was not answered, or that did not come through.

    `code` is AWS's error code or botocore's name of what happened before; empty where there is none.
    """

    def __init__(self, sentence: str, *, code: str = "", temporary: bool = False) -> None:
        super().__init__(sentence)
        self.code = code
        self.temporary = temporary or code in _THROTTLED | UNREACHED

    @property
    def missing(self) -> bool:
        """Whether what was asked about does not exist."""
        return self.code in _MISSING

    @property
    def for_everything(self) -> bool:
        """Whether no other call can succeed either: there are no credentials that hold, or no region."""
        return self.code in _FOR_EVERYTHING


def refused(code: str, action: str, about: str = "", *, temporary: bool = False) -> Refused:
    """Say what a code means and what to do. Sources: AWS "Common errors"; botocore.

    `action` is IAM's name of what was asked (`logs:PutLogEvents`), `about` what it was asked of.
    """
    return Refused(_sentence(code, action, about), code=code, temporary=temporary)


def _sentence(code: str, action: str, about: str) -> str:
    place = f" on {about}" if about else ""
    if code in _EXPIRED:
        return f"the AWS credentials have expired ({code}): sign in again, for example with `aws sso login`"
    if code in NO_CREDENTIALS:
        return f"there are no AWS credentials ({code}): set AWS_PROFILE, or sign in with `aws sso login`"
    if code in _UNKNOWN_CREDENTIALS:
        return f"AWS does not accept these credentials ({code}): check AWS_PROFILE and AWS_ACCESS_KEY_ID"
    if code == "NoRegionError":
        return "no AWS region is set: set AWS_REGION, or a region in the profile that AWS_PROFILE names"
    if code == "InvalidRegionError":
        return (
            f"AWS_REGION (or the region of the profile that AWS_PROFILE names) is no AWS region ({code}): set one such "
            "as eu-west-1"
        )
    if code == "ProfileNotFound":
        return "there is no such profile as AWS_PROFILE names: `aws configure list-profiles` lists them"
    if code in _DENIED:
        return f"these AWS credentials lack the permission {action}{place}"
    if code in _THROTTLED:
        return f"AWS throttles {action}{place} ({code}): wait a minute and try again"
    if code in UNREACHED:
        return f"AWS cannot be reached for {action}{place} ({code}): check network, proxy and AWS_REGION"
    return f"AWS answered {code} to {action}{place}"
