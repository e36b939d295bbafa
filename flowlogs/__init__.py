"""Enriches AWS VPC flow logs: which interface, which security groups, which place, which way."""

__version__ = "0.1.0"
