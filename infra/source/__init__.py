"""The source stage: flow logs, and what they are written into."""
