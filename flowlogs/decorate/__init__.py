"""Makes a line a document: facts about its interface, its addresses, the pair of them, and the line itself."""
