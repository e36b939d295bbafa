"""Makes botocore's errors sentences that a person at a terminal can act on."""

from botocore.exceptions import BotoCoreError, ClientError

from flowlogs.aws.failures import code_of, is_temporary
from flowlogs.doctor.refused import Refused, refused


def explained(error: BotoCoreError | ClientError, action: str, about: str = "") -> Refused:
    """Explain a failed call; `action` is IAM's name of it, `about` what it was asked of."""
    return refused(code_of(error), action, about, temporary=is_temporary(error))
