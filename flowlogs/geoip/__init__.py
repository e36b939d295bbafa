"""Fetches geo databases and address lists, and publishes what is good."""
