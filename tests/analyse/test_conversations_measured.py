"""How often client and server are told rightly, where it is known who they are; docs/conversations.md says it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conversation_lake import CONVERSATIONS, Row, ask
from labelled_corpus import CASES, Labelled, corpus

from flowlogs.analyse.relations import texts
from flowlogs.decorate.document import lake_columns
from flowlogs.record.log_format import fields_up_to

pytestmark = pytest.mark.slow  # an engine, over tens of thousands of records

PAGE = (Path(__file__).parents[2] / "docs" / "conversations.md").read_text()
VERSIONS = (5, 2)
REASONS = {
    "syn": "by_syn",
    "many-peers": "by_peers",
    "began-first": "by_beginning",
    "rejected": "by_reject",
    "port-numbers": "by_ports",
}
"""Kinds of evidence, and the column of conversations.sql that has what each says for itself."""
CONFIDENCES = ("high", "medium", "low")
ADDRESSES = ("srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr")
every_version = pytest.mark.parametrize("version", VERSIONS)
End = tuple[str, int]
Key = tuple[End, End, int]
"""Low and high end, and the protocol."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one conversation; `right` is None where nothing was."""

    case: str
    reason: str
    confidence: str
    right: bool | None


@cache
def labelled() -> Sequence[Labelled]:
    return list(corpus())


def rows(version: int) -> list[dict[str, Any]]:
    """Give the records as a flow log of the default format, or of all fields up to a version, has them in the lake."""
    kept = {field.replace("-", "_") for field in fields_up_to(version)} & set(lake_columns())
    return [{key: value for key, value in each.record.items() if key in kept} for each in labelled()]


def ends(row: Row) -> tuple[End, End]:
    source = (row.get("pkt_srcaddr") or row["srcaddr"], row["srcport"])
    return source, (row.get("pkt_dstaddr") or row["dstaddr"], row["dstport"])


@cache
def truth(version: int) -> Mapping[Key, tuple[str, End]]:
    """Say of every conversation, as these records have it, which case it is of and which end is the client."""
    known: dict[Key, tuple[str, End]] = {}
    for each, row in zip(labelled(), rows(version), strict=True):
        source, destination = ends(row)
        low, high = sorted((source, destination))
        client = source if each.by_source else destination
        assert known.setdefault((low, high, row["protocol"]), (each.case, client)) == (each.case, client)
    return known


def found(records: Iterable[Row], sql: str = CONVERSATIONS) -> Iterator[tuple[Key, dict[str, Any]]]:
    for row in ask(records, sql):
        low, high = (row["low_address"], row["low_port"]), (row["high_address"], row["high_port"])
        yield (low, high, row["protocol"]), row


@cache
def verdicts(version: int) -> Sequence[Verdict]:
    known, said = truth(version), dict(found(rows(version)))
    assert said.keys() == known.keys()
    return [_verdict(known[key], row) for key, row in said.items()]


def _verdict(known: tuple[str, End], row: Mapping[str, Any]) -> Verdict:
    case, client = known
    right = None if row["client"] is None else (row["client"], row["client_port"]) == client
    return Verdict(case, row["reason"], row["confidence"], right)


@cache
def alone(version: int) -> Mapping[str, Counter[bool]]:
    """Count how often each kind of evidence is right and wrong by itself, wherever it says anything."""
    known = truth(version)
    counted: dict[str, Counter[bool]] = {reason: Counter() for reason in REASONS}
    before_the_answer = texts()["conversations"].rpartition("\nSELECT\n")[0]
    for key, row in found(rows(version), f"SELECT * FROM ({before_the_answer} SELECT * FROM evidence)"):
        client = known[key][1]
        for reason, column in REASONS.items():
            if row[column] != 0:
                counted[reason][(key[0] if row[column] == 1 else key[1]) == client] += 1
    return counted


def _numbers(right: int, wrong: int, everything: int) -> str:
    precision = f"{right / (right + wrong):.1%}" if right + wrong else "-"
    return f"{right} | {wrong} | {precision} | {right / everything:.1%}"


def _decided(some: Sequence[Verdict], everything: int) -> str:
    right, wrong = (sum(each.right is wanted for each in some) for wanted in (True, False))
    return _numbers(right, wrong, everything)


def by_evidence(version: int) -> str:
    """Give the table of what each kind of evidence says by itself, and of what it decided."""
    every = verdicts(version)
    head = (
        "| evidence | by itself: right | wrong | precision | recall | decides: right | wrong | precision | recall |\n"
    )
    lines = [
        f"| `{reason}` | {_numbers(counted[True], counted[False], len(every))} "
        f"| {_decided([each for each in every if each.reason == reason], len(every))} |"
        for reason, counted in alone(version).items()
    ]
    lines.append(f"| in all | | | | | {_decided(every, len(every))} |")
    return head + "|---" * 9 + "|\n" + "\n".join(lines)


def by_confidence() -> str:
    """Give the table of what each confidence is worth."""
    head = "| confidence | v5: right | wrong | precision | recall | v2: right | wrong | precision | recall |\n"
    lines = [
        f"| `{name}` | "
        + " | ".join(
            _decided([each for each in verdicts(version) if each.confidence == name], len(verdicts(version)))
            for version in VERSIONS
        )
        + " |"
        for name in CONFIDENCES
    ]
    return head + "|---" * 9 + "|\n" + "\n".join(lines)


def by_case() -> str:
    """Give the table of what became of each case."""
    counted = {version: Counter((each.case, each.right) for each in verdicts(version)) for version in VERSIONS}
    head = "| case | v5: right | wrong | not told | v2: right | wrong | not told |\n|---|---|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {case}: {_told(CASES[case].__doc__)} | "
        + " | ".join(str(counted[version][case, right]) for version in VERSIONS for right in (True, False, None))
        + " |"
        for case in CASES
    )


def _told(doc: str | None) -> str:
    assert doc is not None
    return doc[0].lower() + doc[1:].rstrip(".") if not doc[:2].isupper() else doc.rstrip(".")


@every_version
def test_the_page_says_how_often_each_kind_of_evidence_is_right(version: int) -> None:
    assert by_evidence(version) in PAGE, by_evidence(version)


def test_the_page_says_how_many_conversations_were_judged_and_what_a_confidence_is_worth() -> None:
    counted = {version: len(verdicts(version)) for version in VERSIONS}
    assert f"{counted[5]:,} conversations as version 5 has them, {counted[2]:,} as the default format has them" in (
        " ".join(PAGE.split())
    )
    assert by_confidence() in PAGE, by_confidence()


def test_the_page_says_what_became_of_each_case() -> None:
    assert by_case() in PAGE, by_case()


@every_version
def test_what_is_said_is_right_and_most_is_said(version: int) -> None:
    every = verdicts(version)
    right, wrong = (sum(each.right is wanted for each in every) for wanted in (True, False))
    assert right / (right + wrong) > 0.99
    assert right / len(every) > (0.95 if version == 5 else 0.92)
    assert all(each.right for each in every if each.confidence == "high")


@every_version
def test_every_kind_of_evidence_is_measured(version: int) -> None:
    decided = Counter(each.reason for each in verdicts(version))
    assert decided["syn"] == 0 if version == 2 else decided["syn"] > 4000
    assert all(decided[reason] >= 50 for reason in {*REASONS, "unknown"} - {"syn"})


@every_version
def test_who_is_named_does_not_depend_on_the_order_of_records_or_addresses(version: int) -> None:
    some, known = rows(version), truth(version)
    every = sorted({row[column] for row in some for column in ADDRESSES if column in row})
    other_name = dict(zip(every, _names(len(every)), strict=True))
    renamed = [row | {key: other_name[row[key]] for key in ADDRESSES if key in row} for row in some]
    Random(1).shuffle(renamed)
    expected = {
        (*sorted((other_name[address], port) for address, port in key), protocol): (other_name.get(client), reason)
        for (*key, protocol), (client, reason) in said_of(some).items()
    }
    assert said_of(renamed) == expected
    assert len(known) == len(said_of(some))


def _names(count: int) -> list[str]:
    """Give addresses in the opposite order, as texts."""
    return [f"10.{200 - number // 100}.0.{199 - number % 100}" for number in range(count)]


def said_of(records: Iterable[Row]) -> dict[tuple[Any, ...], tuple[str | None, str]]:
    return {(*sorted(key[:2]), key[2]): (row["client"], row["reason"]) for key, row in found(records)}


@every_version
def test_part_of_the_records_never_makes_what_is_said_less_than_nearly_always_right(version: int) -> None:
    """Sampled, lost or cut logs: every third record is left out, then all after the first half of the time."""
    known = truth(version)
    some = rows(version)
    middle = sorted(row["start"] for row in some)[len(some) // 2]
    for part in (
        [row for number, row in enumerate(some) if number % 3],
        [row for row in some if row["start"] < middle],
    ):
        told = [_verdict(known[key], row).right for key, row in found(part)]
        assert told.count(False) / (len(told) - told.count(None)) < 0.02


@every_version
def test_directed_says_of_each_record_what_its_conversation_is(version: int) -> None:
    known = truth(version)
    for row in ask(rows(version), "SELECT * FROM directed WHERE client IS NOT NULL AND confidence = 'high'"):
        source, destination = ends(row)
        low, high = sorted((source, destination))
        assert row["is_reply"] is (source != known[low, high, row["protocol"]][1])
