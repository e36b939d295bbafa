import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import DEFAULT, LogFormat, fields_up_to
from infra.watch.insights import DISCOVERED, FLOW_QUERIES, FUNCTION_QUERIES, MANY_FIELDS, FlowQuery, flow_queries

TOP_REJECTED = "Top 20 source IP addresses with highest number of rejected requests"
LONGEST_QUERY, LONGEST_TITLE = 10_000, 200  # CloudWatch Logs API Reference, "PutQueryDefinition"; a prefix fits too
PARSE = re.compile(r'^parse @message "([* ]+)" as (.+)$', re.MULTILINE)


def query(title: str, log_format: LogFormat) -> str:
    return {saved.title: saved.text for saved in flow_queries(log_format)}[title]


def test_the_default_format_uses_the_names_that_insights_finds() -> None:
    assert query(TOP_REJECTED, DEFAULT) == (
        'filter action = "REJECT"\n| stats count(*) as numRejections by srcAddr\n| sort numRejections desc\n| limit 20'
    )
    assert not any("parse" in saved.text for saved in flow_queries(DEFAULT))


def test_another_format_is_parsed_in_its_order() -> None:
    log_format = LogFormat(["action", "dstaddr", "srcaddr", "bytes"])
    assert query(TOP_REJECTED, log_format) == (
        'parse @message "* * * *" as action, dstaddr, srcaddr, bytes\n'
        '| filter action = "REJECT"\n'
        "| stats count(*) as numRejections by srcaddr\n"
        "| sort numRejections desc\n"
        "| limit 20"
    )


def test_the_default_fields_in_another_order_are_parsed_too() -> None:
    assert all("parse @message" in saved.text for saved in flow_queries(LogFormat(reversed(fields_up_to(2)))))


@settings(deadline=None)
@given(st.permutations(list(FIELDS)), st.integers(1, len(FIELDS)))
def test_parse_names_as_many_words_as_it_has_asterisks(names: list[str], fields: int) -> None:
    for saved in flow_queries(LogFormat(names[:fields])):
        found = PARSE.search(saved.text)
        assert found
        assert found[1] == " ".join("*" * len(found[2].split(", ")))
        assert len(saved.text) <= LONGEST_QUERY


@settings(deadline=None)
@given(st.permutations(list(FIELDS)), st.lists(st.text("abc123.-", min_size=1), min_size=54, max_size=54))
def test_parse_gives_each_name_the_word_of_its_field(names: list[str], words: list[str]) -> None:
    said = {name.replace("-", "_"): word for name, word in zip(names, words, strict=True)}
    for saved in flow_queries(LogFormat(names)):
        found = PARSE.search(saved.text)
        assert found
        aliases = found[2].split(", ")
        parsed = dict(zip(aliases, " ".join(words).split(" ", len(aliases) - 1), strict=True))
        parsed.pop("the_rest", None)
        assert parsed.items() <= said.items()
        body = saved.text[found.end() :]
        assert {name for name in said if re.search(rf"\b{name}\b", body)} <= parsed.keys()


def test_the_words_behind_the_last_needed_one_stay_together_in_a_long_format() -> None:
    found = PARSE.search(query(TOP_REJECTED, LogFormat(fields_up_to(11))))
    assert found
    assert found[2].endswith("end, action, the_rest")
    short = PARSE.search(query(TOP_REJECTED, LogFormat(fields_up_to(5))))
    assert short
    assert short[2].endswith("flow_direction, traffic_path")
    assert len(fields_up_to(5)) <= MANY_FIELDS


def test_a_query_whose_fields_are_lacking_is_left_out() -> None:
    titles = [saved.title for saved in flow_queries(LogFormat(["srcaddr", "dstaddr", "bytes"]))]
    assert titles == ["Top 20 pairs of addresses by bytes"]


@pytest.mark.parametrize("asked", FLOW_QUERIES, ids=lambda asked: asked.title)
def test_a_query_declares_every_field_that_it_names(asked: FlowQuery) -> None:
    assert set(re.findall(r"{(\w+)}", asked.body)) == set(asked.fields)


def test_insights_finds_every_default_field_under_one_name() -> None:
    assert list(DISCOVERED) == [field.key for field in DEFAULT.fields]
    assert len(set(DISCOVERED.values())) == len(DISCOVERED)


def test_titles_are_unique_and_short_enough() -> None:
    titles = [*(saved.title for saved in FLOW_QUERIES), *(saved.title for saved in FUNCTION_QUERIES)]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= LONGEST_TITLE
    assert TOP_REJECTED in titles


def test_only_addresses_from_outside_count_as_ssh_from_outside() -> None:
    text = query("SSH and RDP accepted from outside", DEFAULT)
    assert 'not isIpInSubnet(srcAddr, "10.0.0.0/8")' in text
    assert "dstPort in [22, 3389]" in text
    assert 'action = "ACCEPT"' in text
