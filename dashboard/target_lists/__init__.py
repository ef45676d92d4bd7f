"""Target lists: all of them, one with its entries, who opted out of it, and selecting people for it."""
