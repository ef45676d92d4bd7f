"""Suppressions: the addresses that are not mailed, why, and until when."""
