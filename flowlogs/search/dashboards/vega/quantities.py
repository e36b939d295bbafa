"""Numbers as people read them, as Vega expressions: 1.2 MB, 12k."""

BYTES = "bytes"
"""The unit whose numbers are written with a B; every other is a count of something."""
_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def written(number: str, unit: str) -> str:
    """Give the expression that writes the number of an expression with three digits and the prefix of its size (SI)."""
    gap, sign = (" ", "B") if unit == BYTES else ("", "")
    text = f"format({number}, '.3~r') + '{gap}{sign}'"
    for size, prefix in reversed(_STEPS):
        text = f"abs({number}) >= {size:.0f} ? format(({number}) / {size:.0f}, '.3~r') + '{gap}{prefix}{sign}' : {text}"
    return f"({text})"


def titled(unit: str) -> str:
    """Give a unit as an axis is titled by it: `Bytes`."""
    return unit[:1].upper() + unit[1:]
