"""The search set-up: makes a domain ready before the first document comes."""
