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
    # screens
    "window.from": ("From", "De"),
    "window.until": ("until", "à"),
    "window.always": ("at any time", "à tout moment"),
    "window.every_day": ("every day", "tous les jours"),
    "window.mon": ("Mon", "Lun"),
    "window.tue": ("Tue", "Mar"),
    "window.wed": ("Wed", "Mer"),
    "window.thu": ("Thu", "Jeu"),
    "window.fri": ("Fri", "Ven"),
    "window.sat": ("Sat", "Sam"),
    "window.sun": ("Sun", "Dim"),
    "mass_emails.sending_window": ("Sending window", "Fenêtre d’envoi"),
    "mass_emails.topic_window_text": (
        "Nothing leaves outside it; the rest waits until it opens again. It can be changed while sending.",
        "Rien ne part en dehors ; le reste attend sa prochaine ouverture. Elle peut changer pendant l’envoi.",
    ),
    "mass_emails.window_open": ("Open", "Ouverte"),
    "mass_emails.window_hint": (
        "In the time zone above. No times: the whole day. It may end after midnight.",
        "Dans le fuseau ci-dessus. Sans heures : toute la journée. Elle peut finir après minuit.",
    ),
    "mass_emails.route": ("SMTP accounts", "Comptes SMTP"),
    "mass_emails.on_stand_by": ("on stand-by", "en réserve"),
    "mass_emails.used_of": (
        "{count} of {limit} used in this hour || {count} of {limit} used in this hour",
        "{count} sur {limit} utilisé cette heure || {count} sur {limit} utilisés cette heure",
    ),
    "mass_emails.in_trouble": ("in trouble, next try at {at}", "un problème, prochain essai à {at}"),
    "mass_emails.unforeseen.rivals": (
        "At the earliest: other mass emails share the hourly limit.",
        "Au plus tôt : d’autres envois partagent la limite horaire.",
    ),
    "mass_emails.unforeseen.domains": (
        "At the earliest: a limit per domain or a pause of a domain may hold some people back.",
        "Au plus tôt : une limite par domaine ou la pause d’un domaine peut en retenir certains.",
    ),
    "outbound.per_domain": ("Per domain", "Par domaine"),
    "outbound.per_domain_text": (
        "A slower pace for each domain that is mailed, per SMTP account. A domain that answers “later” rests for a "
        "while by itself; the others go on.",
        "Un rythme plus lent pour chaque domaine destinataire, par compte SMTP. Un domaine qui répond « plus tard » se "
        "repose de lui-même ; les autres continuent.",
    ),
    "outbound.max_per_hour_per_domain": ("Limit per hour and domain", "Limite par heure et domaine"),
    "outbound.max_per_minute_per_domain": ("Limit per minute and domain", "Limite par minute et domaine"),
    "outbound.domain_hint": ("empty: no limit", "vide : sans limite"),
    "outbound.times": ("Times", "Horaires"),
    "outbound.times_text": (
        "When mails may leave, how long a start can be taken back, and how long a message is tried.",
        "Quand les emails peuvent partir, combien de temps un départ peut être annulé, combien de temps un message est "
        "tenté.",
    ),
    "outbound.sending_window": ("Sending window of new mass emails", "Fenêtre d’envoi des nouveaux envois"),
    "outbound.window_hint": (
        "Each mass email can change its own, in its time zone. No times: the whole day.",
        "Chaque envoi peut changer la sienne, dans son fuseau. Sans heures : toute la journée.",
    ),
    "outbound.undo_minutes": ("Undo minutes", "Minutes pour annuler"),
    "outbound.minutes": ("minutes", "minutes"),
    "outbound.undo_hint": (
        "between the queue and the first portion; 0: none",
        "entre la file et la première portion ; 0 : aucune",
    ),
    "outbound.give_up_after_days": ("Give up after", "Abandonner après"),
    "outbound.give_up_hint": (
        "from the first try of a message to the last one",
        "du premier au dernier essai d’un message",
    ),
    "smtp.weight": ("Weight", "Poids"),
    "smtp.weight_hint": (
        "Its part of what leaves by the default account; 0: only what names it",
        "Sa part de ce qui part par le compte par défaut ; 0 : seulement ce qui le choisit",
    ),
    "smtp.stand_by": ("On stand-by", "En réserve"),
    "smtp.stand_by_hint": (
        "Sends only while every other account is in trouble.",
        "N’envoie que si tous les autres comptes ont un problème.",
    ),
    "cli.mass_email.window": (
        "“{name}” may leave {window} ({zone}).",
        "« {name} » peut partir {window} ({zone}).",
    ),
}
