from watch_templates import Templates, alarms, properties, saved_queries

from flowlogs.record.log_format import DEFAULT
from infra.watch.alarm_table import ALARMS
from infra.watch.filter_pattern import rejected_ssh_pattern
from infra.watch.offers import DECORATOR, FILTER, NO, OFFERS, SOURCES
from infra.watch.page import watch_page


def test_the_page_says_what_each_source_offers(templates: Templates) -> None:
    said = {offer.what: dict(zip(SOURCES, offer.by_source, strict=True)) for offer in OFFERS}
    for column in SOURCES:
        template = templates[column.replace("`", "")]
        counted = FILTER if properties(template, "Logs::MetricFilter") else DECORATOR
        names = alarms(template)
        queries = saved_queries(template)
        looked_at = [name for name in names if "no flow records" in name]
        made = {
            "Rejected SSH is counted by": counted,
            "Alarm *SSH rejects*": yes(any(name.endswith("SSH rejects") for name in names)),
            "Saved queries on flow records": yes(any("rejected requests" in name for name in queries)),
            "Saved queries on the functions' logs": yes(any("functions" in name for name in queries)),
            "Alarms on the ingestor": yes(any("function errors (ingestor)" in name for name in names)),
            "Alarms on events given up (`AsyncEventsDropped`)": yes(any("events given up" in name for name in names)),
            "Alarms on the queue and its dead-letter queue": yes(any("queue is behind" in name for name in names)),
        }
        assert {what: said[what][column] for what in made} == made
        silence = said["*No flow records* looks at"][column]
        assert ("log group" in silence) == any("(log group)" in name for name in looked_at)
        assert ("ingestor" in silence) == any("(S3)" in name for name in looked_at)
        assert ("stream" in silence) == any("(lake)" in name for name in looked_at)


def test_the_page_documents_every_alarm() -> None:
    page = watch_page()
    for row in ALARMS:
        assert f"| {row.name} | {row.of.value} |" in page
        assert f"`{row.metric}`" in page
        assert row.meaning in page


def test_the_page_shows_the_default_pattern() -> None:
    assert rejected_ssh_pattern(DEFAULT) in watch_page()


def yes(made: bool) -> str:
    return "yes" if made else NO
