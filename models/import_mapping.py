"""The mapping of an import: which column of a spreadsheet becomes which field of a recipient."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from models import placeholder
from models.catalogue import Problem, text
from models.errors import Invalid
from models.recipient import Kind

Mapping = tuple[str | None, ...]
"""One place per column: a name of FIELDS, `fields.<key>` for a custom field, None for a column that is not imported."""

FIELDS: Final = (
    "address",
    "first_name",
    "last_name",
    "name",
    "company",
    "account",
    "language",
    "time_zone",
)
"""`name`: first and last name in one cell. `account`: the account of a contact, by its name."""
CUSTOM: Final = "fields."
MAX_KEY: Final = 60

# Header words in English, French and German, as `_plain` writes them.
_WORDS: Final[dict[str, str]] = {
    word: field
    for field, words in {
        "address": "email, mail, e mail, email address, e mail address, mail address, courriel, mel, adresse email, "
        "adresse e mail, adresse mail, adresse courriel, adresse electronique, adresse de courriel, emailadresse, "
        "e mail adresse, mailadresse, mail adresse, elektronische adresse, email 1, e mail 1",
        "first_name": "first name, firstname, given name, forename, first, prenom, prenoms, vorname, vornamen, rufname",
        "last_name": "last name, lastname, surname, family name, last, nom de famille, nachname, familienname, zuname",
        "name": "full name, fullname, display name, contact name, nom complet, nom et prenom, prenom et nom, "
        "nom prenom, prenom nom, contact, vollstandiger name, vor und nachname, kontakt, ansprechpartner",
        "company": "company, company name, organisation, organization, societe, entreprise, raison sociale, firma, "
        "firmenname, unternehmen, organisme, etablissement",
        "account": "account, account name, compte, nom du compte, konto, kunde, client, customer",
        "language": "language, lang, locale, langue, langue preferee, sprache",
        "time_zone": "time zone, timezone, tz, fuseau, fuseau horaire, zeitzone",
        "fields.city": "city, town, ville, commune, localite, stadt, ort",
        "fields.postcode": "postcode, post code, postal code, zip, zip code, cp, code postal, plz, postleitzahl",
        "fields.country": "country, pays, land",
        "fields.phone": "phone, telephone, phone number, mobile, tel, numero de telephone, portable, telefon, "
        "telefonnummer, handy",
        "fields.jobTitle": "job title, position, fonction, poste, funktion, beruf",
        "fields.salutation": "salutation, civilite, anrede",
    }.items()
    for word in words.split(", ")
}
_KEY: Final = re.compile(r"[a-z][A-Za-z0-9]*")
_KEY_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)  # no accents: Unicode does not take these apart
_ONE_NAME: Final = frozenset({"name", "nom"})
_FIRST_NAME: Final = frozenset(word for word, field in _WORDS.items() if field == "first_name")


def propose_mapping(header: Sequence[str], kind: Kind, known: Iterable[str] = ()) -> Mapping:
    """A field for every column whose label is understood, None for the others; no field twice. `known`: keys of the
    custom fields in use, recognised by their name. "Nom" beside "Prénom" is the last name, alone the whole name."""
    custom = {custom_field(key).casefold(): CUSTOM + key for key in known}
    plain = [_plain(label) for label in header]
    split_names = any(word in _FIRST_NAME for word in plain)
    taken: set[str] = set()
    mapping: list[str | None] = []
    for label, word in zip(header, plain, strict=True):
        field = _WORDS.get(word) or custom.get(custom_field(label).casefold())
        if word in _ONE_NAME:
            field = "last_name" if split_names else "name"
        field = _of_kind(field, kind)
        mapping.append(None if field in taken else field)
        taken.add(field or "")
    return tuple(mapping)


def _of_kind(field: str | None, kind: Kind) -> str | None:
    """An account is a company; a company's name beside a contact is the name of its account (D1)."""
    if kind is Kind.ACCOUNT and field in {"name", "account"}:
        return "company"
    if kind is Kind.CONTACT and field == "company":
        return "account"
    if kind is not Kind.CONTACT and field == "account":
        return "company"
    return field


def example_file(language: str) -> bytes:
    """A small CSV file to download, all of whose columns are recognised; made for the Excel of that language."""
    return text(language, "imports.example").encode("utf-8-sig")


def check_mapping(mapping: Mapping, kind: Kind, columns: int) -> None:
    """Raises Invalid, the problem under the number of its column (from 0) as text, or under "mapping" as a whole."""
    problems: dict[str, Problem] = {}
    for place, field in enumerate(mapping):
        if field is None:
            continue
        if field not in FIELDS and not _is_custom(field):
            problems[str(place)] = Problem("imports.unknown_field", field=field)
        elif field in mapping[:place]:
            problems[str(place)] = Problem("imports.field_twice")
        elif field == "account" and kind is not Kind.CONTACT:
            problems[str(place)] = Problem("imports.account_of_contact")
    if kind is Kind.USER:
        problems["mapping"] = Problem("imports.no_users")
    elif len(mapping) != columns:
        problems["mapping"] = Problem("imports.other_columns", columns=columns, count=len(mapping))
    elif "address" not in mapping:
        problems["mapping"] = Problem("imports.no_address_column")
    if problems:
        raise Invalid(problems)


def _is_custom(field: str) -> bool:
    key = field.removeprefix(CUSTOM)
    named = len(key) <= MAX_KEY + len("Column") and _KEY.fullmatch(key) is not None
    return field.startswith(CUSTOM) and named and key not in placeholder.FIELDS


def custom_field(label: str) -> str:
    """The custom field that a column's label makes: "Date d'inscription" → `fields.dateDInscription`, which a template
    names `{Person.dateDInscription}` (D14)."""
    first, *rest = _KEY_WORDS.findall(_ascii(label)) or ["column"]
    key = first.lower() + "".join(word.capitalize() for word in rest)
    key = (key if key[:1].isalpha() else f"column{key}")[:MAX_KEY]
    return f"{CUSTOM}{key}Column" if key in placeholder.FIELDS else CUSTOM + key


def field_name(field: str) -> Problem:
    """What a person calls the field."""
    if field.startswith(CUSTOM):
        return Problem("imports.field.custom", column=field.removeprefix(CUSTOM))
    return Problem(f"imports.field.{field}")


def _plain(label: str) -> str:
    """A label without case, accents and punctuation: "E-Mail :" → "e mail"."""
    return " ".join(re.findall(r"[a-z0-9]+", _ascii(label).casefold()))


def _ascii(label: str) -> str:
    return unicodedata.normalize("NFKD", label.translate(_LETTERS)).encode("ascii", "ignore").decode()
