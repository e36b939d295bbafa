"""The named queries, kept in Athena for whoever opens its console."""

import re

from aws_cdk import aws_athena as athena
from constructs import Construct

from flowlogs.analyse.engines import Engine
from flowlogs.analyse.named_query import NamedQuery, queries
from flowlogs.analyse.sql_words import pieces
from flowlogs.analyse.window import LastDays
from flowlogs.inventory.kinds import KINDS
from infra.athena.workgroup import Workgroup

DAYS = 7
"""How far back a kept query asks; who needs another time edits its text."""
_HISTORY = re.compile(rf"\b(?:{'|'.join(kind.table for kind in KINDS.values())})\b")


class KeptQueries(Construct):
    """Every named query that the deployment has the tables for, with its defaults or examples for values."""

    def __init__(self, scope: Construct, id_: str, *, database: str, workgroup: Workgroup, history: bool) -> None:
        super().__init__(scope, id_)
        for query in queries().values():
            text = kept_text(query)
            if history or not _HISTORY.search(text):
                athena.CfnNamedQuery(
                    self,
                    query.name.title().replace("-", ""),
                    name=query.name,
                    description=f"{query.title}: {query.question}",
                    database=database,
                    query_string=text,
                    work_group=workgroup.name,
                ).node.add_dependency(workgroup.resource)


def kept_text(query: NamedQuery) -> str:
    """Write a query as it is kept: what it is, and its text for the last days."""
    values = {each.name: each.example for each in query.parameters if each.default is None}
    return f"{query.commented()}{shortened(query.text(Engine.ATHENA, values, LastDays(DAYS)))}\n"


def shortened(sql: str) -> str:
    """Leave out comments and indentation: every query repeats the relations it needs, and a template holds 1 MB.

    Source: CloudFormation User Guide, "Quotas", template in an S3 object.
    """
    written, gap = "", ""
    for piece in pieces(sql):
        if piece.is_said:
            written += gap + piece.text if written else piece.text
            gap = ""
        else:
            gap = "\n" if "\n" in gap + piece.text else " "
    return written
