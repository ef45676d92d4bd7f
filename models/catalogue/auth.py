"""Sentences about rights, sign-in and the first start."""

WORDS = {
    "auth.right.look": ("look", "consulter"),
    "auth.right.edit": ("edit", "modifier"),
    "auth.right.send": ("send", "envoyer"),
    "auth.right.administer": ("administer", "administrer"),
}
