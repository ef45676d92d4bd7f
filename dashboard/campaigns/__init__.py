"""Campaigns: the list with its form; the page of one campaign."""
