"""Sentences of the pace: sending window, undo minutes, route and limits per domain."""

WORDS = {
    # sending window
    "sending_window.unreadable": (
        "“{typed}” is not a sending window. Write it like “mon-fri 09:00-18:00”.",
        "« {typed} » n’est pas une fenêtre d’envoi. L’écrire comme « mon-fri 09:00-18:00 ».",
    ),
    "sending_window.not_a_time": (
        "Enter both times, like 09:00 and 18:00, or none for whole days.",
        "Saisir les deux heures, comme 09:00 et 18:00, ou aucune pour des jours entiers.",
    ),
    "sending_window.no_day": (
        "This window never opens: choose at least one weekday.",
        "Cette fenêtre ne s’ouvre jamais : choisir au moins un jour.",
    ),
    "sending_window.never_opens": (
        "This window never opens: it ends when it begins. Choose another time, or none for whole days.",
        "Cette fenêtre ne s’ouvre jamais : elle se ferme dès qu’elle s’ouvre. Choisir une autre heure, ou aucune "
        "pour des jours entiers.",
    ),
    # why nothing is being sent
    "delivery.waiting.window": (
        "Outside its sending window, which opens {at:%Y-%m-%d %H:%M %Z}.",
        "Hors de sa fenêtre d’envoi, qui s’ouvre le {at:%Y-%m-%d à %H:%M %Z}.",
    ),
    "delivery.waiting.undo": (
        "The queue is ready. It can be taken back: nobody gets it before {at:%H:%M:%S %Z}.",
        "La file est prête. Il est encore temps de revenir en arrière : rien ne part avant {at:%H:%M:%S %Z}.",
    ),
    "delivery.waiting.turn": (
        "Other mass emails have their turn: what is left of {limit} per hour is theirs.",
        "C’est le tour d’autres envois : ce qui reste des {limit} par heure est pour eux.",
    ),
    "delivery.waiting.domains": (
        "{count} person waits: its domain takes no more before {at:%H:%M %Z}. || "
        "{count} people wait: their domains take no more before {at:%H:%M %Z}.",
        "{count} personne attend : son domaine n’accepte plus rien avant {at:%H:%M %Z}. || "
        "{count} personnes attendent : leurs domaines n’acceptent plus rien avant {at:%H:%M %Z}.",
    ),
    "delivery.limited_by.window": ("limited by the sending window", "limité par la fenêtre d’envoi"),
}
