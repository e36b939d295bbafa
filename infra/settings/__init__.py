"""The settings of a deployment: typed, checked before anything is built, documented from here."""
