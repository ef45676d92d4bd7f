"""The log record: what happened to one person (D18–D20)."""

from models.log_table import Action, BounceKind, EventSource, LogRecord, MachineReason, Visit

__all__ = ["Action", "BounceKind", "EventSource", "LogRecord", "MachineReason", "Visit"]
