import ast
import re
from pathlib import Path

import flowlogs.deliver.local
from flowlogs.deliver.local.behaviours import Behaviour

DOCUMENT = Path(__file__).parents[3] / "docs" / "aws-behaviour.md"
LINES = DOCUMENT.read_text().splitlines()
ROWS = [re.split(r"(?<!\\)\|", line)[1:-1] for line in LINES if line.startswith("| `")]
PACKAGE = Path(flowlogs.deliver.local.__path__[0])


def _id(row: list[str]) -> str:
    return row[0].strip().strip("`")


def test_every_row_has_an_id_of_its_own_a_sentence_and_a_source() -> None:
    assert len({_id(row) for row in ROWS}) == len(ROWS) > 50
    assert [_id(row) for row in ROWS if not row[1].strip() or not row[2].strip()] == []


def test_the_local_stream_acts_on_exactly_the_rows_marked_so() -> None:
    marked = {_id(row) for row in ROWS if len(row) == 4 and row[3].strip() == "acts"}
    assert marked == {behaviour.value for behaviour in Behaviour}


def test_every_behaviour_is_named_by_the_code_that_acts_on_it() -> None:
    attributes = (
        node
        for path in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    )
    named = {node.attr for node in attributes if ast.unparse(node.value) == "Behaviour"}
    assert named == {behaviour.name for behaviour in Behaviour}
