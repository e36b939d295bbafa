"""The deliver stage: the delivery streams."""
