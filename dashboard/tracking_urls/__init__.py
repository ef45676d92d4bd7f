"""Tracking URLs of all campaigns."""
