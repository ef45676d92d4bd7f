"""The log: what became of every message, and the people behind every figure."""
