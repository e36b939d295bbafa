"""The fast path from log files to the lake: each distinct thing is looked up once, columns do the rest."""
