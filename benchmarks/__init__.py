"""Measures speed against `plain.py`, in the same run: machines are noisy, ratios are not."""
