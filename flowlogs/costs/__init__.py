"""What a deployment costs in a month, worked out from one dated price file."""
