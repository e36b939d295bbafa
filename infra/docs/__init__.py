"""Writes the pages of docs/ that say what the deployment's tables and templates say."""
