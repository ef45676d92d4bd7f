"""Who may do what: the session cookie, and the check that every event handler carries."""

from dashboard.auth.cookie import COOKIE, secret_in
from dashboard.auth.guard import allowed, problems_shown_by
from models.user import Right, Viewer

__all__ = ["COOKIE", "Right", "Viewer", "allowed", "problems_shown_by", "secret_in"]
