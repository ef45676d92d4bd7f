"""Sentences about the key that signs the tokens in mail."""

WORDS = {
    "key.no_more": (
        "The key has been rotated {last} times: a token has no room for another version.",
        "La clé a été renouvelée {last} fois : un jeton n’a plus de place pour une autre version.",
    ),
    "key.rotated": (
        "Version {version} signs from the next portion on. Links in mail that has left go on working.",
        "La version {version} signe dès le prochain envoi. Les liens des emails déjà partis continuent de fonctionner.",
    ),
    "key.line": ("version {version}, since {since}, by {by}", "version {version}, depuis le {since}, par {by}"),
    "key.first": ("version {version}, from the beginning", "version {version}, depuis le début"),
    "key.signs": ("{line}; it signs", "{line} ; c’est elle qui signe"),
}
