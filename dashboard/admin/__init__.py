"""Administration: what a server needs, and who may do what."""
