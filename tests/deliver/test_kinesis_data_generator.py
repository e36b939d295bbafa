"""The template for Amazon Kinesis Data Generator gives lines that the decorator takes.

It is expanded here as that tool does: line breaks removed, `{{…}}` replaced from the left, the text in brackets read as
JSON, a line break at the end of each record. Source: awslabs/amazon-kinesis-data-generator, help.html and producer.js.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from random import Random
from typing import Any

import pytest
from decorator_outside import ARRIVAL, Tried

from infra.settings.settings import Settings

FORMAT = Settings.read({}).log_format
TEMPLATE = (Path(__file__).parents[2] / "events" / "kinesis-data-generator.txt").read_text()
RNG = Random(4)
FAKER: dict[str, Callable[[Any], object]] = {
    "random.number": lambda limits: RNG.randint(limits["min"], limits["max"]),
    "random.arrayElement": RNG.choice,
    "random.weightedArrayElement": lambda given: RNG.choices(given["data"], given["weights"])[0],
    "internet.ip": lambda _: IPv4Address(RNG.getrandbits(32)),
    "date.now": lambda form: {"X": ARRIVAL}[form],  # moment.js: X is Unix seconds
}


def expanded() -> bytes:
    text = TEMPLATE.strip().replace("\n", "")
    while "{{" in text:
        before, _, rest = text.partition("{{")
        expression, _, after = rest.partition("}}")  # the first two braces that close, as the tool looks for them
        name, _, arguments = expression.partition("(")
        found = re.fullmatch(r"([^)]+)\)", arguments)  # nothing behind a bracket that closes
        text = before + str(FAKER[name](json.loads(found[1]) if found else None)) + after
    return text.encode() + b"\n"


@pytest.fixture(scope="module")
def records() -> list[bytes]:
    return [expanded() for _ in range(400)]


def test_every_record_is_one_line_of_the_format_that_a_deployment_has_by_default(records: list[bytes]) -> None:
    for record in records:
        (line,) = record.splitlines()
        read = FORMAT.read(line)
        assert FORMAT.write(read) == line
        assert read["end"] >= read["start"] == ARRIVAL


def test_rejected_ssh_is_among_them(records: list[bytes]) -> None:
    seen = Counter((read["dstport"], read["protocol"], read["action"]) for read in map(FORMAT.read, records))
    assert seen[22, 6, "REJECT"] > 5
    assert seen[443, 6, "ACCEPT"] > seen[22, 6, "REJECT"]


@pytest.mark.parametrize("documents", ["one", "many"])
def test_the_decorator_answers_ok_to_all_of_them(records: list[bytes], documents: str) -> None:
    answer = Tried({"FLOWLOGS_DOCUMENTS": documents, "FLOWLOGS_FORMAT": Settings.read({}).format_string})(*records)
    assert answer.results == ["Ok"] * len(records)
    assert answer.delivered == len(records)
    assert answer.failed == 0


def test_weights_add_up_to_one() -> None:
    for weights in re.findall(r'"weights":(\[.*?\])', TEMPLATE):
        assert sum(json.loads(weights)) == pytest.approx(1)
