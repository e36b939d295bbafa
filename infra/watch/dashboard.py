"""The CloudWatch dashboard: whether the pipeline works, how far behind it is, and what it costs."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cw
from constructs import Construct

from infra.watch import graphs, knowledge_graphs
from infra.watch.graphs import Graph
from infra.watch.pipeline import Pipeline

_COLUMNS = 24
"""Of the grid. Source: CloudWatch User Guide, "Dashboard body structure and syntax"."""
_HEIGHT = 6
_ALARMS_IN_A_ROW = 6
_FROM_ZERO = cw.YAxisProps(min=0, show_units=False)


class PipelineDashboard(Construct):
    """The dashboard `<prefix>flowlogs`; `dashboard` is the resource."""

    def __init__(self, scope: Construct, id_: str, *, pipeline: Pipeline, alarms: Sequence[cw.Alarm]) -> None:
        super().__init__(scope, id_)
        self.dashboard = cw.Dashboard(
            self, "Dashboard", dashboard_name=f"{pipeline.prefix}flowlogs", default_interval=Duration.hours(12)
        )
        self.dashboard.add_widgets(cw.TextWidget(markdown=introduction(pipeline), width=_COLUMNS, height=5))
        self.dashboard.add_widgets(_status(alarms))
        for title, shown, columns in (
            ("Every line is accounted for", graphs.accounts(pipeline), 12),
            ("Rejected SSH, and how far behind", graphs.rejects_and_lag(pipeline), 8),
            ("Failures", [*graphs.failures(pipeline), *graphs.queues(pipeline)], 8),
            ("What the decorators could not find out", knowledge_graphs.missing(pipeline), 8),
            ("Inventory and geo databases", knowledge_graphs.gathered(pipeline), 6),
            ("What it costs", graphs.costs(pipeline), 8),
        ):
            self._add_section(title, [graph for graph in shown if graph.left], columns)

    def _add_section(self, title: str, shown: Sequence[Graph], columns: int) -> None:
        """Add a heading and its graphs below, which wrap at the end of a row."""
        if shown:
            self.dashboard.add_widgets(cw.TextWidget(markdown=f"## {title}", width=_COLUMNS, height=1))
            self.dashboard.add_widgets(*(_widget(graph, columns) for graph in shown))


def _widget(graph: Graph, columns: int) -> cw.IWidget:
    return cw.GraphWidget(
        title=graph.title,
        left=list(graph.left),
        right=list(graph.right),
        left_y_axis=_FROM_ZERO,
        right_y_axis=_FROM_ZERO,
        width=columns,
        height=_HEIGHT,
    )


def _status(alarms: Sequence[cw.Alarm]) -> cw.IWidget:
    """Show every alarm; the height follows their number, so that none is hidden."""
    rows = -(-len(alarms) // _ALARMS_IN_A_ROW)
    return cw.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=_COLUMNS, height=2 + rows)


def introduction(pipeline: Pipeline) -> str:
    """Say how to read the dashboard, and where what failed is kept."""
    return f"""\
# VPC flow logs: {pipeline.prefix}flowlogs
Flow records come from **{pipeline.source}** and travel source → ingest → decorate → deliver. Each line that a function
receives is *delivered*, *dropped* (left out on purpose), *failed* (kept as a dead letter) or *requeued* (put back, it
comes again), so that *unaccounted* stays at 0.

Dead letters and events given up are kept in the bucket **{pipeline.dead_letters.bucket_name}**. An alarm's description
says what it means and what to do first. Saved queries are in Logs Insights, folder `{pipeline.prefix}flowlogs`.

In the project: `docs/watch.md` (alarms), `docs/metrics.md`, `docs/dead-letters.md`, `docs/how-it-works.md`."""
