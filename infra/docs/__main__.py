"""`python -m infra.docs FOLDER`: writes the generated pages into a folder."""

import sys
from pathlib import Path

from infra.docs.pages import PAGES


def main(folder: Path) -> None:
    """Write every page anew."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
