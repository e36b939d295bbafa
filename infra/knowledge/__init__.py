"""The functions that gather what the decorators know, and where they keep it."""
