"""`python -m flowlogs.search.dashboards FOLDER`: writes one export a dashboard, and `all.ndjson`."""

import sys
from collections.abc import Mapping
from pathlib import Path

from flowlogs.search.dashboards.all import DASHBOARDS
from flowlogs.search.dashboards.export import as_ndjson, saved_objects


def files() -> Mapping[str, str]:
    """Give the text of each file by its name: any one of them can be imported alone."""
    single = {f"{each.name}.ndjson": as_ndjson(saved_objects(dashboards=[each])) for each in DASHBOARDS}
    return {**single, "all.ndjson": as_ndjson(saved_objects())}


def main(folder: Path) -> None:
    """Write every file anew."""
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
