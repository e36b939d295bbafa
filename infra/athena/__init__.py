"""Athena: where its queries run, what they are, and what else than the lake they can ask."""
