"""What a stack's outputs say of a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowlogs.doctor.asked import Stack, Stacks
from flowlogs.doctor.dead_letters import Place
from flowlogs.errors import FlowlogsError, MalformedFormat
from flowlogs.record.log_format import LogFormat

STACK = "Flowlogs"
"""Name of the stack unless one is given."""
_COMPLETE = frozenset(
    {
        "CREATE_COMPLETE",
        "IMPORT_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",  # the deployment before it stands
    }
)
_NEEDED = {"cloudwatch": "LogGroup", "s3": "FlowLogBucket"}
_LAKE_ERRORS = "errors/"
"""Where Firehose keeps what it could not write into the lake, unless an output says another place."""
_STREAMS = {"search": "SearchStream", "lake": "LakeStream"}


class NoDeployment(FlowlogsError):
    """There is no stack of this name, or it is none that can be looked at."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed stack; what it does not have is None, or the empty text where it is part of a name."""

    stack: Stack
    source: str
    """`cloudwatch`, `s3` or `firehose`."""
    log_format: LogFormat
    destinations: frozenset[str]
    """`search`, `lake`; or `existing`, of which we see nothing."""

    def output(self, name: str) -> str | None:
        """Give an output of the stack; None where it does not apply."""
        return self.stack.outputs.get(name) or None

    @property
    def streams(self) -> dict[str, str]:
        """Names of the delivery streams by destination."""
        found = {destination: self.output(output) for destination, output in _STREAMS.items()}
        return {destination: name for destination, name in found.items() if name}

    @property
    def put_aside(self) -> list[Place]:
        """Where things lie that could not be passed on."""
        letters, lake = self.output("DeadLetterBucket"), self.output("LakeBucket")
        places = [Place(letters)] if letters else []
        return [*places, Place(lake, self.output("LakeErrorPrefix") or _LAKE_ERRORS)] if lake else places

    @property
    def functions(self) -> list[str]:
        """Names of the functions that lines pass."""
        names = (self.output(name) for name in ("Ingestor", "SearchDecorator", "LakeDecorator"))
        return [name for name in names if name]


def found(stacks: Stacks, name: str) -> Stack:
    """Find a stack; raise NoDeployment where there is none, Refused where AWS does not say."""
    stack = stacks.read(name)
    if stack is None:
        raise NoDeployment(
            f"there is no stack {name} in this account and region: name yours with --stack, check AWS_PROFILE and "
            "AWS_REGION, or `make deploy` first (`aws cloudformation list-stacks` lists them)"
        )
    return stack


def why_incomplete(stack: Stack) -> str | None:
    """Say what a stack's status means where it is not complete; None where it is."""
    if stack.status in _COMPLETE:
        return None
    because = f": {stack.reason}" if stack.reason else ""
    return f"the stack {stack.name} is {stack.status}{because}"


def deployment_of(stack: Stack) -> Deployment:
    """Read the outputs; raise NoDeployment where those lack that every deployment has."""
    outputs = stack.outputs
    source = outputs.get("Source", "")
    needed = ["Source", "RecordFormat", "Destinations", *_needed_by(outputs, source)]
    lacking = [name for name in needed if not outputs.get(name)]
    if lacking:
        raise NoDeployment(
            f"the stack {stack.name} lacks the outputs {', '.join(lacking)}: it is no flowlogs stack, or one that "
            "an older version deployed; deploy it again"
        )
    if source not in ("cloudwatch", "s3", "firehose"):
        raise NoDeployment(f"the stack {stack.name} has the source {source[:40]!r}, which this version does not know")
    return Deployment(stack, source, format_of(stack), frozenset(_words(outputs["Destinations"])))


def format_of(stack: Stack) -> LogFormat:
    """Give the order of fields that a stack deploys; raise NoDeployment where it names none."""
    try:
        return LogFormat.parse(stack.outputs.get("RecordFormat", ""))
    except MalformedFormat as error:
        raise NoDeployment(f"the output RecordFormat of the stack {stack.name} cannot be read: {error}") from error


def _needed_by(outputs: Mapping[str, str], source: str) -> list[str]:
    needed = [_NEEDED[source]] if source in _NEEDED else []
    wanted = _words(outputs.get("Destinations", ""))
    if "search" in wanted:
        needed += ["SearchStream", "SearchEndpoint", "IndexPrefix"]
    if "lake" in wanted:
        needed += ["LakeStream", "LakeBucket", "LakePrefix", "LakeFormat"]
    return needed


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
