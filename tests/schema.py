"""Imports every module that declares tables, so that the metadata is whole."""

import importlib
import pkgutil

import models


def every_table() -> None:
    for module in pkgutil.iter_modules(models.__path__):
        if not module.ispkg:
            importlib.import_module(f"models.{module.name}")
