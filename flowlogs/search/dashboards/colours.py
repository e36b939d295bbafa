"""The colours of the dashboards, told apart also by the colour-blind, on light and dark ground."""

ACCEPT, REJECT = "#54B399", "#E7664C"
SERIES = ("#6092C0", "#DA8B45", "#9170B8", "#D36086", "#B9A888", "#AA6556")
"""What has no meaning of its own, in order; neither the green of accepts nor the red of rejects."""
NEUTRAL = "#98A2B3"
"""What stands behind: bands, and what is left over."""
ALARM = "#BD271E"
"""What asks to be looked at; always with a shape of its own too."""
