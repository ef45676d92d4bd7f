"""Numbers, percents, dates and durations as the reader writes them: Babel's patterns, U+2212 and U+202F.

Everything takes the viewer's language first ("en", "fr"). Moments are aware UTC and shown in the viewer's zone.
"""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

_LOCALES: Final = {"en": Locale("en", "GB"), "fr": Locale("fr", "FR")}
_NUMBERS: Final = {"en": Locale("en", "US"), "fr": Locale("fr", "FR")}
THIN: Final = "\u202f"
MINUS: Final = "\u2212"
UNKNOWN: Final = "–"

_DAY: Final = "d MMM y"
_UNITS: Final = ((86_400, {"en": "d", "fr": "j"}), (3_600, {"en": "h", "fr": "h"}), (60, {"en": "min", "fr": "min"}))


class Shown(int):
    """A whole number that a sentence of the catalogue shows grouped: `{count}` chooses the plural and reads 31,904."""

    language: str

    def __new__(cls, number: int, language: str) -> "Shown":
        made = super().__new__(cls, number)
        made.language = language
        return made

    def __format__(self, _pattern: str) -> str:
        return count(self.language, int(self))


def count(language: str, number: int | None) -> str:
    """31,904 or 31 904; a loss with the true minus; None, unknown or not tracked, is a dash and never 0."""
    if number is None:
        return UNKNOWN
    return format_decimal(number, format="#,##0", locale=_numbers(language)).replace("-", MINUS)


def loss(language: str, number: int) -> str:
    """How many fewer: −1,904; nothing lost is 0."""
    return count(language, -abs(number))


def percent(language: str, part: int | None, whole: int | None) -> str:
    """The share of part in whole: 36.0%, and 0.19% below one percent; a dash when there is no whole."""
    if part is None or not whole:
        return UNKNOWN
    share = 100 * part / whole
    shown = format_decimal(share, format="0.00" if 0 < share < 1 else "0.0", locale=_numbers(language))
    return f"{shown}{THIN}%" if language == "fr" else f"{shown}%"


def money(language: str, cents: int | None, currency: str = "EUR") -> str:
    """An amount of whole cents in its currency; None is a dash."""
    if cents is None:
        return UNKNOWN
    return format_currency(cents / 100, currency, locale=_numbers(language))


def day(language: str, on: date | None) -> str:
    """8 Sep 2026, 8 sept. 2026."""
    return UNKNOWN if on is None else _short_months(language, format_date(on, _DAY, locale=_locale(language)))


def span(language: str, start: date | None, end: date | None) -> str:
    """1 Sep – 4 Sep 2026, in French 1 – 4 sept. 2026; one day alone when the other is open or the same."""
    if start is None or end is None or start == end:
        return day(language, start or end)
    pattern = _DAY if start.year != end.year else "d" if language == "fr" and start.month == end.month else "d MMM"
    first = _short_months(language, format_date(start, pattern, locale=_locale(language)))
    return f"{first} – {day(language, end)}"


def moment(language: str, zone: str, at: datetime | None, now: datetime) -> str:
    """8 Sep 2026, 13:46; today only 13:46:08. None is a dash."""
    if at is None:
        return UNKNOWN
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    if local.date() == today:
        return format_time(local, "HH:mm:ss", locale=_locale(language))
    return f"{day(language, local.date())}, {clock(language, zone, at)}"


def short_moment(language: str, zone: str, at: datetime | None, now: datetime) -> str:
    """8 Sep 2026; today 13:46. For columns where the time of day matters little: the full moment is in the title."""
    if at is None:
        return UNKNOWN
    local = at.astimezone(ZoneInfo(zone))
    if local.date() == now.astimezone(ZoneInfo(zone)).date():
        return clock(language, zone, at)
    return day(language, local.date())


def full_moment(language: str, zone: str, at: datetime | None) -> str:
    """8 Sep 2026, 13:46:08 CEST: what the title of a shown time holds."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(language, local.date())}, {local:%H:%M:%S} {local.tzname()}"


def clock(language: str, zone: str, at: datetime) -> str:
    """13:46 in the zone."""
    return format_time(at.astimezone(ZoneInfo(zone)), "HH:mm", locale=_locale(language))


def duration(language: str, length: timedelta) -> str:
    """The two largest units: 3 min 48 s, 2 h 45 min; below a second 0.6 s."""
    seconds = length.total_seconds()
    if seconds < 10 and seconds != int(seconds):
        return f"{format_decimal(seconds, format='0.0', locale=_numbers(language))} s"
    left, parts = int(seconds), []
    for size, names in _UNITS:
        amount, left = divmod(left, size)
        if amount or parts:
            parts.append(f"{amount} {names[_language(language)]}")
    parts.append(f"{left} s")
    return " ".join(part for part in parts[:2] if len(parts) == 1 or not part.startswith("0 ")) or "0 s"


def zone_name(zone: str, now: datetime) -> str:
    """Europe/Paris (CEST)."""
    short = now.astimezone(ZoneInfo(zone)).tzname() or ""
    return f"{zone} ({short})" if short and short != zone else zone


def size(language: str, octets: int) -> str:
    """812 B, 31 KB, 2.1 MB; in French o, Ko, Mo."""
    amount, unit = float(octets), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1024
    pattern = "0.0" if unit in {"MB", "GB"} and amount < 100 else "0"
    shown = format_decimal(amount, format=pattern, locale=_numbers(language))
    return f"{shown}{THIN}{unit.replace('B', 'o').replace('K', 'k')}" if language == "fr" else f"{shown} {unit}"


def language_name(language: str, code: str) -> str:
    """French, Anglais; with its region: French (Belgium). A code that Babel does not know stands for itself."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(_locale(language))
    except (UnknownLocaleError, ValueError):
        return code
    return f"{name[0].upper()}{name[1:]}" if name else code


def _short_months(language: str, text: str) -> str:
    return text.replace("Sept", "Sep") if language != "fr" else text


def _language(language: str) -> str:
    return "fr" if language == "fr" else "en"


def _locale(language: str) -> Locale:
    return _LOCALES[_language(language)]


def _numbers(language: str) -> Locale:
    return _NUMBERS[_language(language)]
