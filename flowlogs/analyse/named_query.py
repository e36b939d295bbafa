"""The named queries: what each is called, asks and takes, and its text for an engine.

A file of `queries/` begins with a comment that says so, line by line (`-- title: …`), and goes on with one SELECT, with
`$name` where a parameter's value belongs. Its text is portable: DuckDB and Athena run the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple, Protocol

from flowlogs.analyse.engines import Engine, in_words_of
from flowlogs.analyse.parameters import RELATIONS, TAKES, Kind, Parameter
from flowlogs.analyse.relations import SEEN, known, named_in, seen
from flowlogs.analyse.sql_words import pieces
from flowlogs.analyse.window import Window
from flowlogs.errors import FlowlogsError, SettingsError

_HEAD = re.compile(r"-- (title|question|needs|parameter|limits):? ?(.*)")
_PARAMETER = re.compile(
    r"(?P<name>[a-z_]+) (?P<kind>[a-z]+) (?:= (?P<default>.*?)|such as (?P<example>.*?)): (?P<meaning>.*)"
)
_PLACEHOLDER = re.compile(r"\$([a-z_]+)")
_BEGINS = frozenset({"with", "select", "values", "table", "from"})
"""Words that a SELECT may begin with."""
_LIMIT = "limit"
"""The parameter that says how many rows an answer has at most."""


class Condition(Protocol):
    """Which time is asked about."""

    def times(self) -> str:
        """Write the condition on the time of a record."""
        ...

    def days(self) -> str:
        """Write the condition on the days whose folders are read."""
        ...


class UnknownQuery(FlowlogsError):
    """There is no query of that name."""


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """One question, and the SQL that answers it."""

    name: str
    title: str
    question: str
    needs: tuple[tuple[str, ...], ...]
    """Columns of the lake without which there is no answer: of each some, one of which is enough."""
    parameters: tuple[Parameter, ...]
    limits: tuple[str, ...]
    """Sections of docs/limits.md that say what the answer cannot show."""
    sql: str
    """As it stands in the file, without its head."""

    def text(
        self,
        engine: Engine,
        values: Mapping[str, str] = MappingProxyType({}),
        window: Condition = Window(),  # noqa: B008 (immutable)
        *,
        once: bool = False,
    ) -> str:
        """Write the whole text for an engine, with the relations it selects from and the values given.

        Raise SettingsError where a value is missing, wrong, or of no parameter.
        """
        literals = self._literals(values)
        own = {each.name: literals[each.name] for each in self.parameters if each.kind in RELATIONS}
        days = window.days() if engine is Engine.ATHENA else "true"  # files of this machine may lie in whatever folder
        own[SEEN] = seen(f"{days} AND {window.times()}", once=once)
        own |= known(days)
        sql = _PLACEHOLDER.sub(lambda found: literals[found[1]], self.sql)
        return in_words_of(engine, with_relations(sql, own, inlined=engine is Engine.DUCKDB and not once))

    def most_rows(self, values: Mapping[str, str]) -> int | None:
        """Say where an answer is cut, with values that `text` takes; None where it never is."""
        default = next((each.default for each in self.parameters if each.name == _LIMIT), None)
        return None if default is None else int(values.get(_LIMIT, default))

    def commented(self) -> str:
        """Write what the query is as a comment to stand before its text."""
        lines = [self.title, self.question, *(f"${each.name}: {each.meaning}" for each in self.parameters)]
        return "".join(f"-- {line}\n" for line in lines)

    def _literals(self, values: Mapping[str, str]) -> dict[str, str]:
        known = {each.name: each for each in self.parameters}
        if unknown := next((name for name in values if name not in known), None):
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise SettingsError(f"{self.name} has no parameter {unknown}; {takes}")
        given = {name: values.get(name, each.default) for name, each in known.items()}
        if missing := next((known[name] for name, value in given.items() if value is None), None):
            raise SettingsError(
                f"{self.name} needs {missing.name}, {TAKES[missing.kind]}: --set {missing.name}={missing.example}"
            )
        return {name: known[name].literal(value) for name, value in given.items() if value is not None}


def with_relations(sql: str, own: Mapping[str, str], *, inlined: bool = False) -> str:
    """Put the relations that a text names before it, as the first of its WITH.

    With `inlined`, DuckDB reads `seen` anew wherever it is named, and each time only the columns that matter there: a
    third faster than to keep all columns, as it does with what is named more than once. Athena always does so.
    """
    return _put_before(sql, dict(named_in(sql, own)), inlined)


def _put_before(sql: str, named: Mapping[str, str], inlined: bool) -> str:
    if not named:
        return sql
    kept = {SEEN: "NOT MATERIALIZED "} if inlined else {}
    relations = ",\n".join(f"{name} AS {kept.get(name, '')}(\n{text}\n)" for name, text in named.items())
    before, own_with, rest = _parted(sql)
    return f"{before}{own_with} {relations},\n{rest}" if own_with else f"{before}WITH {relations}\n{rest}"


def _parted(sql: str) -> tuple[str, str, str]:
    """Part a text into what stands before the SELECT (comments, EXPLAIN), its own WITH if it has one, and the rest."""
    found = list(pieces(sql))
    places = [place for place, piece in enumerate(found) if piece.is_said]
    words = [found[place].text.lower() for place in places]
    begin = 0
    if words[:1] == ["explain"]:
        begin = next((number for number, word in enumerate(words) if word in _BEGINS), 0)
    length = 0
    if words[begin : begin + 1] == ["with"]:
        length = 2 if words[begin + 1 : begin + 2] == ["recursive"] else 1
    behind = places[begin + length - 1] + 1 if length else places[begin]
    texts = [piece.text for piece in found]
    own_with = " ".join(texts[place] for place in places[begin : begin + length])
    return "".join(texts[: places[begin]]), own_with, "".join(texts[behind:]).lstrip()


class OwnText(NamedTuple):
    """Somebody's own SQL, whole; `is_of_time` says whether the asked time narrows what it selects from."""

    sql: str
    is_of_time: bool


def own_text(sql: str, engine: Engine, window: Condition = Window()) -> OwnText:  # noqa: B008 (immutable)
    """Give somebody's own SQL with the relations that it names: `seen` of the asked time, `conversations` and so on."""
    days = window.days() if engine is Engine.ATHENA else "true"
    of_inventory = known(days)
    named = dict(named_in(sql, {SEEN: seen(f"{days} AND {window.times()}"), **of_inventory}))
    of_time = {SEEN, *of_inventory} if engine is Engine.ATHENA else {SEEN}
    text = in_words_of(engine, _put_before(sql, named, engine is Engine.DUCKDB))
    return OwnText(text, not of_time.isdisjoint(named))


@cache
def queries() -> Mapping[str, NamedQuery]:
    """Give every named query by its name, in the order of names."""
    folder = files("flowlogs.analyse") / "queries"
    found = sorted(
        (file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    )
    return MappingProxyType({name: read_query(name, text) for name, text in found})


def query_named(name: str) -> NamedQuery:
    """Give a query; raise UnknownQuery, with the nearest names, where there is none."""
    found = queries().get(name)
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(name, queries(), n=3, cutoff=0.4)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownQuery(f"there is no query {name[:60]!r}{meant} `flowlogs query --list` lists all")
    return found


def read_query(name: str, text: str) -> NamedQuery:
    """Read a file of `queries/`; raise ValueError where its head or a parameter is not as it must be."""
    head: dict[str, list[str]] = {"title": [], "question": [], "needs": [], "parameter": [], "limits": []}
    lines = text.splitlines()
    while lines and lines[0].startswith("--"):
        line = lines.pop(0)
        found = _HEAD.fullmatch(line)
        if found is None:
            raise ValueError(f"{name}: not a line of the head: {line}")
        head[found[1]].append(found[2])
    sql = "\n".join(lines).strip().rstrip(";")
    parameters = tuple(_parameter(name, each) for each in head["parameter"])
    used = set(_PLACEHOLDER.findall(sql))
    if used != {each.name for each in parameters if each.kind not in RELATIONS}:
        raise ValueError(f"{name}: parameters in the text are {sorted(used)}")
    title, question = (" ".join(head[part]) for part in ("title", "question"))
    needs = tuple(map(_listed, head["needs"]))
    limits = tuple(limit for each in head["limits"] for limit in _listed(each))
    return NamedQuery(name, title, question, needs, parameters, limits, sql)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(","))


def _parameter(query: str, text: str) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    if found is None:
        raise ValueError(f"{query}: not a parameter: {text}")
    default = found["default"]
    example = found["example"] or default
    return Parameter(found["name"], Kind(found["kind"]), default, example, found["meaning"])
