"""Says of a call of the inventory that failed: where, what, AWS's code, and what to look at."""

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.aws_codes import DENIED, EXPIRED, NO_CREDENTIALS, SIGNED_OUT, THROTTLED, UNREACHED

REFUSALS = (*FAILURES, ResponseParserError)
"""What botocore raises for a call that failed; an answer that was cut off or is none of AWS's is not among FAILURES."""

_NO_REGION = frozenset(
    {"AuthFailure", "InvalidClientTokenId", "OptInRequired", "RegionDisabledException", "UnrecognizedClientException"}
)
_MAY_NOT = "the role there may not do this, or a service control policy denies it"
_ADVICE = (
    (_NO_REGION, "is this region enabled in that account?"),
    (THROTTLED, "others ask a lot there too; the next run asks again"),
    (UNREACHED, "is that a region, and is there a way to it from here?"),
    (EXPIRED, "the credentials hold no longer; the next run makes new ones, and at a terminal, sign in again"),
    (SIGNED_OUT | NO_CREDENTIALS, "there are no credentials that hold; at a terminal, sign in again"),
)
"""What to look at, by AWS's error code or botocore's name of what happened before.

Source: EC2 API, "Error codes"; AWS "Common errors"; for regions that are not enabled steampipe-plugin-aws issue 75.
"""


def refused_call(
    place: object, action: str, error: BotoCoreError | ClientError | ResponseParserError, denied: str = _MAY_NOT
) -> str:
    """Give the sentence: `place` is the scope or role, `action` IAM's name of what was asked.

    `denied` is what to look at where it is not allowed.
    """
    if isinstance(error, ResponseParserError):
        return f"{place}: the answer to {action} cannot be read: it was cut off, or did not come from AWS"
    code = code_of(error)
    advice = denied if code in DENIED else next((advice for codes, advice in _ADVICE if code in codes), "")
    return f"{place}: {action} got {code}" + (f": {advice}" if advice else "")
