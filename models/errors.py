"""The error tree. Every error is a sentence its reader can act on, in the reader's language.

EnvoiError
├── Invalid        the input cannot be taken: one Problem per field (form: beside the field; command: exit 2)
├── NotFound       no such thing, or not for this reader (404)
├── NotAllowed     the reader lacks a right (403)
├── Refused        a rule of the house forbids it now (409)
│   └── Conflict   somebody else changed the record meanwhile
└── Unavailable    a server that Envoi depends on does not do its part; it may later
"""

from collections.abc import Mapping

from models.catalogue import Problem


class EnvoiError(Exception):
    """Carries one Problem, a key of the catalogue with its values; `str()` is its English sentence."""

    def __init__(self, key: str, **values: object) -> None:
        self.problem = Problem(key, **values)
        super().__init__(str(self.problem))

    def text(self, language: str) -> str:
        """The whole of it in the language of the reader."""
        return self.problem.text(language)


class Invalid(EnvoiError):
    """Input that cannot be taken. `problems`: field name → Problem; the field "" is the form as a whole."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        self.problems = dict(problems)
        super().__init__("errors.invalid", count=len(self.problems))

    def text(self, language: str) -> str:
        """Every field with its problem."""
        said = {field: problem.text(language) for field, problem in self.problems.items()}
        return " ".join(f"{field}: {sentence}" if field else sentence for field, sentence in said.items())

    def __str__(self) -> str:
        return self.text("en")


class NotFound(EnvoiError):
    """The thing does not exist, or not for this reader: both look alike from outside."""


class NotAllowed(EnvoiError):
    """The reader lacks the right; the sentence names it."""


class Refused(EnvoiError):
    """A rule of the house forbids the act in the present state."""


class Conflict(Refused):
    """The record was changed by somebody else since it was read; nothing of the reader's text is lost."""


class Unavailable(EnvoiError):
    """A server that Envoi depends on did not do its part. The values carry its reply word for word."""
