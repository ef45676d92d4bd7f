"""The catalogue: every sentence that a person may read, in English and in French.

One module per feature, each a dict `WORDS: key → (English, French)`. Keys are dotted and start with the feature.
Values are put in by name: `{name}`. Where a sentence depends on a count, both texts hold two forms parted by ` || `,
and the value named `count` chooses: English one / other, French 0 and 1 / other (CLDR plural rules for both languages).

The catalogue lives in models because mails, errors, the command and the pages all speak through it.
"""

import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FORMS: Final = " || "


class Language(StrEnum):
    """The languages of the interface and of the texts that Envoi itself puts into mails."""

    EN = "en"
    FR = "fr"


def _collect() -> dict[str, tuple[str, str]]:
    words: dict[str, tuple[str, str]] = {}
    for module in pkgutil.iter_modules(__path__):
        part: Mapping[str, tuple[str, str]] = importlib.import_module(f"{__name__}.{module.name}").WORDS
        if doubled := words.keys() & part.keys():
            raise ValueError(f"catalogue.{module.name} repeats {sorted(doubled)}")
        words.update({key: (english, typeset(french)) for key, (english, french) in part.items()})
    return words


def typeset(french: str) -> str:
    """French as it is set: a narrow no-break space before ? ! ; % and inside « », a no-break space before a colon, the
    typographic apostrophe. So the modules may be written with plain spaces."""
    french = re.sub(r"(?<=\w)'(?=\w)", "’", french)
    french = re.sub(r"[ \u00a0](?=[?!;»]|%(?!}))|(?<=«)[ \u00a0]", "\u202f", french)
    return re.sub(r"[ \u202f](?=:(?:\s|$))", "\u00a0", french)


WORDS: Final = _collect()


def pair(key: str) -> tuple[str, str]:
    """(English, French) of a key, values not yet put in. Raises KeyError naming the key."""
    return WORDS[key]


def text(language: str, key: str, **values: object) -> str:
    """The sentence of a key with its values put in. Any language but French reads English. KeyError: unknown key."""
    english, french = WORDS[key]
    sentence = french if language == Language.FR else english
    if FORMS in sentence:
        count = values.get("count")
        one, other = sentence.split(FORMS)
        number = count if isinstance(count, int) else 2
        sentence = one if number == 1 or (language == Language.FR and number == 0) else other
    return sentence.format(**values) if values else sentence


@dataclass(frozen=True, slots=True, init=False)
class Problem:
    """A key of the catalogue with its values: an error that can be said in either language."""

    key: str
    values: Mapping[str, object]

    def __init__(self, key: str, **values: object) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "values", values)

    def text(self, language: str) -> str:
        """The sentence in the language of the reader; a value that is itself a Problem is said in it too."""
        said = {name: v.text(language) if isinstance(v, Problem) else v for name, v in self.values.items()}
        return text(language, self.key, **said)

    def __str__(self) -> str:
        return self.text(Language.EN)
