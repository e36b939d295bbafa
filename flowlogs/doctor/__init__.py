"""Looks at a deployment and tries it: what is missing, and the next step."""
