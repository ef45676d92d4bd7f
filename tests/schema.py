"""Imports every module that declares tables, so that the metadata is whole."""

from models.migrations.tables import import_every_table as every_table

__all__ = ["every_table"]
