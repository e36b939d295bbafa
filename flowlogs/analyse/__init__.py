"""Answers questions about enriched flow records: named queries, conversations, the report."""
