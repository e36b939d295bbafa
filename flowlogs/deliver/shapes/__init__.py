"""The shapes of a document beside our own: tables that say where each native value stands, and what follows them."""
