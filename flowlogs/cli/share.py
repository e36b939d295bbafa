"""A share as the value of an option."""

import math
from typing import Any

import click


class Share(click.FloatRange):
    """A number from 0 to `most`, and a number indeed: FloatRange alone takes `nan`."""

    def __init__(self, most: float = 1) -> None:
        super().__init__(0, most)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the share."""
        share: float = super().convert(value, param, ctx)
        if math.isnan(share):
            self.fail(f"{value} is no number", param, ctx)
        return share
