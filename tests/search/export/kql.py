"""Queries in Dashboards' own language, translated as Dashboards does: the part of it that the dashboards use.

What is not of that part is refused, so that a new construct is noticed instead of being searched wrongly.
Source: OpenSearch Dashboards, `src/plugins/data/common/opensearch_query/kuery`: `kuery.peg`, `functions/is.ts`,
`functions/range.ts`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Query = dict[str, Any]

_TOKEN = re.compile(r'\s*(?:(?P<sign>[():]|[<>]=?)|"(?P<quoted>[^"\\]*)"|(?P<word>[^\s():"<>{}\\]+))')
_NUMBER = re.compile(r"-?[1-9]\d*|0")
_OPERATORS = ("and", "or", "not")
_BOUNDS = {"<=": "lte", ">=": "gte", "<": "lt", ">": "gt"}
_AMBIGUOUS = ("null", "true", "false")


class QueryRefused(Exception):
    """A query that is wrong, or of a construct that is not translated; says where."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    def is_operator(self, name: str) -> bool:
        return self.kind == "word" and self.text.lower() == name


def as_search(text: str, fields: Mapping[str, str]) -> Query:
    """Give the OpenSearch query; `fields` are the index pattern's types by name. Raises QueryRefused."""
    tokens = list(_tokens(text))
    if not tokens:
        return {"match_all": {}}
    reader = _Reader(tokens, fields)
    query = reader.alternatives()
    if reader.next is not None:
        raise QueryRefused(f"{text!r}: {reader.next.text!r} stands where nothing may")
    return query


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise QueryRefused(f"{text!r}: not understood from {text[at:].strip()!r} on")
        tokens.append(_Token(found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Reader:
    """Reads tokens from the left: `or` binds less than `and`, `and` less than `not`."""

    def __init__(self, tokens: list[_Token], fields: Mapping[str, str]) -> None:
        self._tokens = tokens[::-1]
        self._fields = fields

    @property
    def next(self) -> _Token | None:
        return self._tokens[-1] if self._tokens else None

    def alternatives(self) -> Query:
        queries = [self._conjunction()]
        while self._took("or"):
            queries.append(self._conjunction())
        return queries[0] if len(queries) == 1 else {"bool": {"should": queries, "minimum_should_match": 1}}

    def _conjunction(self) -> Query:
        queries = [self._negation()]
        while self._took("and"):
            queries.append(self._negation())
        return queries[0] if len(queries) == 1 else {"bool": {"filter": queries}}

    def _negation(self) -> Query:
        if self._took("not"):
            return {"bool": {"must_not": self._term()}}
        return self._term()

    def _term(self) -> Query:
        if self._took_sign("("):
            query = self.alternatives()
            self._expect(")")
            return query
        field = self._literal().text
        bound = next((sign for sign in _BOUNDS if self._took_sign(sign)), None)
        if bound is None:
            self._expect(":")
        value = self._literal()
        if field not in self._fields:
            raise QueryRefused(f"the index pattern has no field {field!r}")
        query = self._matches(field, value) if bound is None else self._within(field, bound, value)
        return {"bool": {"should": [query], "minimum_should_match": 1}}

    def _within(self, field: str, bound: str, value: _Token) -> Query:
        if self._fields[field] != "number" or value.kind != "word" or not _NUMBER.fullmatch(value.text):
            raise QueryRefused(f"{field} {bound} {value.text} is not translated here")
        return {"range": {field: {_BOUNDS[bound]: int(value.text)}}}

    def _matches(self, field: str, value: _Token) -> Query:
        if value.kind == "quoted":
            return {"match_phrase": {field: value.text}}
        if value.text == "*":
            return {"exists": {"field": field}}
        if "*" in value.text or value.text in _AMBIGUOUS or self._fields[field] == "date":
            raise QueryRefused(f"{field}:{value.text} is not translated here")
        return {"match": {field: int(value.text) if _NUMBER.fullmatch(value.text) else value.text}}

    def _literal(self) -> _Token:
        token = self.next
        if token is None or token.kind == "sign" or (token.kind == "word" and token.text.lower() in _OPERATORS):
            raise QueryRefused(f"a field or a value is missing before {token.text if token else 'the end'!r}")
        return self._tokens.pop()

    def _took(self, operator: str) -> bool:
        if self.next is None or not self.next.is_operator(operator):
            return False
        self._tokens.pop()
        return True

    def _took_sign(self, sign: str) -> bool:
        if self.next != _Token("sign", sign):
            return False
        self._tokens.pop()
        return True

    def _expect(self, sign: str) -> None:
        if not self._took_sign(sign):
            raise QueryRefused(f"{sign!r} is missing before {self.next.text if self.next else 'the end'!r}")
