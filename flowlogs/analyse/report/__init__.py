"""The report: one self-contained HTML file about what is in a lake."""
