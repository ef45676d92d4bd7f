"""Email templates: list and editor."""
