"""The colours of the dashboards, told apart also by the colour-blind, on light and dark ground."""

ACCEPT, REJECT = "#54B399", "#E7664C"
SERIES = ("#6092C0", "#DA8B45", "#9170B8", "#D36086", "#B9A888", "#AA6556")
"""What has no meaning of its own, in order; neither the green of accepts nor the red of rejects."""
NEUTRAL = "#98A2B3"
"""What stands behind: bands, and what is left over."""
ALARM = "#BD271E"
"""What asks to be looked at; always with a shape of its own too."""

OF_LABELS = {
    "ACCEPT": ACCEPT,
    "REJECT": REJECT,
    "inbound": SERIES[0],
    "outbound": SERIES[1],
    "internal": SERIES[2],
    "known": SERIES[0],
    "unknown interface": SERIES[1],
    "records": NEUTRAL,
    "no traffic (NODATA)": SERIES[0],
    "lost by AWS (SKIPDATA)": ALARM,
}
"""What has the same colour in every panel, by the label that the panel gives it."""
