"""Answers Firehose, shapes documents and, on a laptop, delivers them."""
