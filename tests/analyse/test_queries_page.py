import re

from flowlogs.analyse.named_query import queries
from flowlogs.docs.queries_page import queries_page

PAGE = queries_page()


def test_every_query_has_a_section_with_its_question_parameters_limits_and_sql() -> None:
    sections = dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
    assert list(sections) == list(queries())
    for name, query in queries().items():
        assert query.question in sections[name]
        assert f"```sql\n{query.sql}\n```" in sections[name]
        assert all(f"| `{each.name}` |" in sections[name] for each in query.parameters)
        assert all(f"(limits.md#{limit})" in sections[name] for limit in query.limits)


def test_the_list_on_top_leads_to_the_sections() -> None:
    assert re.findall(r"\| \[([a-z-]+)\]\(#([a-z-]+)\) \|", PAGE) == [(name, name) for name in queries()]


def test_a_parameter_without_a_default_is_said_to_be_needed() -> None:
    assert "| `address` | an IPv4 or IPv6 address | needed, e.g. `10.0.0.7` |" in PAGE
