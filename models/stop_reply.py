"""A person who answers “stop”: what counts as asking to be taken off, in English and French, and what does not.

Only a short text decides, its first lines, without what it quotes. A long letter is read by people.
"""

import re
from typing import Final

from models.phrases import phrases

MOST_LINES: Final = 3
MOST_WORDS: Final = 30

_QUOTE: Final = phrases(r"""
    ^\s*(?:>|\|)
    ^\s*(?:-{2,}|_{5,})\s*(?:original|forwarded|message|$)
    ^\s*(?:on|le) .{4,120}(?:wrote|a [ée]crit)\s*:?\s*$
    ^\s*(?:from|de|sent|envoy[ée])\s?:
    ^-- ?$
""")
_ALONE: Final = phrases(r"""
    (?:(?:please|pls|svp|s'il (?:vous|te) pla[iî]t|merci de|hello|hi|bonjour|dear \w+)[\s,.!:]*)*(?:stop|
    …arr[eê]t|unsubscribe(?: me)?|opt[ -]?out|remove(?: me)?|cancel|d[ée]sabonn\w*(?:[- ]moi)?|
    …d[ée]sinscri\w*(?:[- ]moi)?|se d[ée]sinscrire|se d[ée]sabonner|me d[ée]sinscrire|
    …me d[ée]sabonner)(?:[\s,.!:]*(?:please|pls|svp|s'il (?:vous|te) pla[iî]t|thanks?(?: you)?|
    …merci(?: d'avance)?|stop|now|all))*[\s,.!:]*
""")
_ASKING: Final = phrases(r"""
    \b(?:unsubscribe me|take me off|remove me from|remove (?:my|this) (?:e-?mail|address|name)|
    …stop (?:sending|e-?mailing|mailing|writing|contacting)|opt me out|(?:want|wish|like) to (?:unsubscribe|
    …be (?:removed|unsubscribed|taken off)|opt out)|(?:do not|don't|never) (?:e-?mail|mail|contact|
    …write(?: to)?|send) (?:me|us)\b|no (?:more|longer) (?:want|wish) to receive|don't want (?:any more |
    …to receive|your|these|those)|no more (?:e-?mails?|mails?|newsletters?))
    \b(?:d[ée]sabonnez|d[ée]sinscrivez|retirez|enlevez|supprimez|rayez)[- ]moi\b
    me (?:d[ée]sinscrire|d[ée]sabonner|retirer|supprimer|rayer|enlever)\b
    (?:retire[rz]|supprime[rz]|enleve[rz]|enlever) (?:mon adresse|mon e-?mail|mon nom|mes coordonn[ée]es)
    ne (?:plus|pas) (?:m'|me |nous )?(?:envoy|[ée]crire|contact|recevoir|sollicit)
    (?:cess|arr[eê]t)ez (?:de (?:m'|me |nous )|vos|ces|les (?:envois|mails|e-?mails))
    ne (?:veux|souhaite|d[ée]sire|voulons|souhaitons) plus (?:\w+ )?(?:recevoir|[êe]tre|de vos|vos)
    ne m'(?:envoyez|[ée]crivez) plus
    plus (?:de|aucun) (?:mails?|e-?mails?|courriels?|newsletters?)\b
    demande (?:de|ma) d[ée]s(?:inscription|abonnement)
""")
_NOT_ASKING: Final = phrases(r"""
    \b(?:don't|do not|never|please don't|not|won't|without|didn't|did not|why did you|did i|if i|
    …how do i not)\b[^.!?]{0,20}\b(?:stop|unsubscribe|remove|opt)
    ne (?:vous |t')?(?:arr[eê]te[zr]?|me d[ée]s\w+|cesse[zr]?|supprime[zr]?|retire[zr]?|
    …enleve[zr]?)[^.!?]{0,30}\b(?:pas|jamais|surtout)
    (?:pas|jamais|surtout pas|ne pas) (?:vous |me |m')?(?:arr[eê]ter|d[ée]sinscrire|d[ée]sabonner|retirer|
    …supprimer|cesser)
    don't want to (?:unsubscribe|stop|miss|be removed)
    can't stop
    non[- ]stop
    bus stop
""")
_UNSUBSCRIBE_SUBJECT: Final = phrases(r"""
    ^\W*(?:unsubscribe|d[ée]s(?:inscription|abonnement)|se d[ée]sinscrire|
    …opt[ -]?out)\b(?:[\s:]+[\w-]{1,80})?\W*$
""")
_UNSUBSCRIBE_ADDRESS: Final = re.compile(
    r"^(?:unsubscribe|opt-?out|desinscription|desabonnement)(?:[+.=-]([\w-]{1,80}))?@", re.IGNORECASE
)


def says_stop(text: str, subject: str = "") -> bool:
    """Whether a person's text asks to stop: its first lines, quoted text left out. An empty text leaves it to the
    subject, unless that is the one that they answer (“Re: …”)."""
    lines = _own_lines(text.replace("’", "'").lower())
    said = " ".join(lines[:MOST_LINES])
    if not said:
        return bool(_ALONE.fullmatch(subject.strip().lower()))
    if len(" ".join(lines).split()) > MOST_WORDS * 4 or _NOT_ASKING.search(said):
        return False
    return bool(
        _ALONE.fullmatch(lines[0].strip())
        or _ALONE.fullmatch(said)
        or (len(said.split()) <= MOST_WORDS and _ASKING.search(said))
    )


def unsubscribe_token(to_addresses: tuple[str, ...], subject: str) -> str | None:
    """What follows “unsubscribe” in the address that a mailto List-Unsubscribe wrote to (`unsubscribe+TOKEN@…`) or in
    its subject (“unsubscribe TOKEN”): unchecked, "" without a token, None when the mail was not written so."""
    for address in to_addresses:
        if found := _UNSUBSCRIBE_ADDRESS.match(address):
            return found[1] or _subject_token(subject) or ""
    return _subject_token(subject)


def _subject_token(subject: str) -> str | None:
    if not _UNSUBSCRIBE_SUBJECT.match(subject[:200].lower()):
        return None
    last = subject.strip(" .!<>\"'").rpartition(" ")[2]
    return last if re.fullmatch(r"[\w-]{22,26}", last) else ""


def _own_lines(text: str) -> list[str]:
    """The lines that the person wrote: until the first one that quotes."""
    own = []
    for line in text.replace("\xa0", " ").split("\n")[:200]:
        if _QUOTE.match(line):
            break
        if line.strip():
            own.append(line.strip())
    return own
