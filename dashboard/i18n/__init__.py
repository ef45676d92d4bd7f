"""Two languages: `tr` for what a page draws, `say` for what the server words, `format` for numbers and times."""

from dashboard.i18n import format
from dashboard.i18n.prefs import Prefs
from dashboard.i18n.words import number, say, tr, tr_with

__all__ = ["Prefs", "format", "number", "say", "tr", "tr_with"]
