"""The program of the tests' OpenSearch."""

from pathlib import Path

from java_node.program import Program

OPENSEARCH = Program(
    name="opensearch",
    called="OpenSearch",
    folder=Path(__file__).parent,
    main="OpenSearchNode",
    heap="512m",
    healthy="/_cluster/health?wait_for_status=yellow&timeout=5s",
)
