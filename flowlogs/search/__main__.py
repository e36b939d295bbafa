"""`python -m flowlogs.search [PREFIX [SHAPE]]`: prints the index template as JSON."""

import json
import sys

from flowlogs.search.index_template import index_template
from flowlogs.setting_kinds import Shape


def index_template_page(prefix: str = "cwl", shape: str = "json") -> str:
    """Give the text of the index template, one line a key, as it is kept in a file."""
    return json.dumps(index_template(prefix, shape=Shape(shape)), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(index_template_page(*sys.argv[1:3]))
