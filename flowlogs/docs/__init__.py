"""Writes the pages of docs/ that say what the code's tables say."""
