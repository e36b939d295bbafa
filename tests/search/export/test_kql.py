import pytest
from kql import QueryRefused, as_search

FIELDS = {
    "action": "string",
    "dstport": "number",
    "log-status": "string",
    "@timestamp": "date",
    "interface-id": "string",
}


def one(query: dict[str, object]) -> dict[str, object]:
    return {"bool": {"should": [query], "minimum_should_match": 1}}


ACCEPT, PORT, OWNED = one({"match": {"action": "ACCEPT"}}), one({"match": {"dstport": 443}}), "interface-id"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", {"match_all": {}}),
        ("  ", {"match_all": {}}),
        ("action:ACCEPT", ACCEPT),
        ("action : ACCEPT ", ACCEPT),
        ('action:"ACCEPT it"', one({"match_phrase": {"action": "ACCEPT it"}})),
        ("dstport:443", PORT),
        ("dstport:0443", one({"match": {"dstport": "0443"}})),
        ("interface-id:*", one({"exists": {"field": OWNED}})),
        ("dstport >= 443", one({"range": {"dstport": {"gte": 443}}})),
        ("dstport>443", one({"range": {"dstport": {"gt": 443}}})),
        ("dstport < 0", one({"range": {"dstport": {"lt": 0}}})),
        ("not dstport <=443", {"bool": {"must_not": one({"range": {"dstport": {"lte": 443}}})}}),
        ("NOT action:ACCEPT", {"bool": {"must_not": ACCEPT}}),
        ("action:ACCEPT and not dstport:443", {"bool": {"filter": [ACCEPT, {"bool": {"must_not": PORT}}]}}),
        (
            "action:ACCEPT OR dstport:443 AND action:ACCEPT",
            {"bool": {"should": [ACCEPT, {"bool": {"filter": [PORT, ACCEPT]}}], "minimum_should_match": 1}},
        ),
        (
            "NOT (action:ACCEPT OR dstport:443)",
            {"bool": {"must_not": {"bool": {"should": [ACCEPT, PORT], "minimum_should_match": 1}}}},
        ),
    ],
)
def test_translates_what_the_dashboards_use(text: str, query: object) -> None:
    assert as_search(text, FIELDS) == query


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nothing:here", "no field 'nothing'"),
        ("action:", "missing before 'the end'"),
        ("action", "':' is missing"),
        ("action:ACCEPT dstport:443", "'dstport' stands where nothing may"),
        ("action:a b", "'b' stands where nothing may"),
        ("action:ACC*", "not translated"),
        ("action:(ACCEPT OR REJECT)", "missing before '\\('"),
        ("nothing > 443", "no field 'nothing'"),
        ("dstport >", "missing before 'the end'"),
        ("dstport > > 443", "missing before '>'"),
        ("dstport:>443", "missing before '>'"),
        ("dstport = 443", "':' is missing before '='"),
        ('dstport > "443"', "not translated"),
        ("dstport > a", "not translated"),
        ("dstport > 4*", "not translated"),
        ("action > 443", "not translated"),
        ("@timestamp > 2026", "not translated"),
        ("@timestamp:2026", "not translated"),
        ("(action:ACCEPT", "'\\)' is missing"),
        ("action:ACCEPT AND", "missing before 'the end'"),
        ("AND action:ACCEPT", "missing before 'AND'"),
        ('action:"ACCEPT', "not understood from"),
        ("action:{a}", "not understood from '{a}'"),
        ("action:a\\:b", "not understood from"),
        ("action:true", "not translated"),
    ],
)
def test_refuses_what_is_wrong_or_not_translated(text: str, why: str) -> None:
    with pytest.raises(QueryRefused, match=why):
        as_search(text, FIELDS)
