"""The views of the lake in Athena."""

import base64
import json
import re

from aws_cdk import Aws
from aws_cdk import aws_glue as glue
from constructs import Construct

from flowlogs.analyse.views import View, views
from infra.lake import LakeTable

_TRINO = {"string": "varchar", "timestamp": "timestamp(3)"}
_GLUE_TYPE = re.compile(r"[a-z]+")


class Views(Construct):
    """Views as Athena itself keeps them: tables of the catalog that hold a text instead of a place.

    CloudFormation has no other way to make one without a function that asks Athena. AWS deploys its own so:
    aws-samples/amazon-cloudfront-access-logs-queries, template.yaml, CombinedView. The form is that of Trino's Hive
    connector (ViewReaderUtil: `/* Presto View: ` and base64 of a ConnectorViewDefinition).
    """

    def __init__(self, scope: Construct, id_: str, *, table: LakeTable) -> None:
        super().__init__(scope, id_)
        for view in views():
            glue.CfnTable(
                self,
                view.name.title().replace("_", ""),
                catalog_id=Aws.ACCOUNT_ID,
                database_name=table.database_name,
                table_input=glue.CfnTable.TableInputProperty(
                    name=view.name,
                    description=view.meaning,
                    table_type="VIRTUAL_VIEW",
                    parameters={"presto_view": "true", "comment": "Presto View"},
                    storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                        columns=[
                            glue.CfnTable.ColumnProperty(name=name, type=type_) for name, type_ in view.columns.items()
                        ],
                        # Athena wants the part to be there, and reads nothing of it
                        serde_info=glue.CfnTable.SerdeInfoProperty(name="-", serialization_library="-"),
                    ),
                    view_original_text=kept_view(view, table.database_name),
                    view_expanded_text="/* Presto View */",
                ),
            ).node.add_dependency(table.resource)


def kept_view(view: View, database: str) -> str:
    """Write a view as the catalog keeps it; tables in its text are those of `database`."""
    definition = {
        "originalSql": view.sql,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": [{"name": name, "type": trino_type(type_)} for name, type_ in view.columns.items()],
    }
    return f"/* Presto View: {base64.b64encode(json.dumps(definition).encode()).decode()} */"


def trino_type(glue_type: str) -> str:
    """Give Trino's name of a Glue type, such as array(varchar) for array<string>."""
    return _GLUE_TYPE.sub(lambda name: _TRINO.get(name[0], name[0]), glue_type).replace("<", "(").replace(">", ")")
