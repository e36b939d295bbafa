"""Draws the Vega panels of the dashboards without a browser, with what a real server answers."""
