"""Sentences about what is known and kept of those who open, click and opt out."""

WORDS = {
    "target_lists.public_name": ("Name for recipients", "Nom pour les destinataires"),
    "target_lists.public_name_hint": (
        "What its members read on their preferences page. Without one, only those who were mailed by this list see it there, under its own name.",
        "Ce que ses membres lisent sur leur page de préférences. À défaut, seuls ceux qui ont reçu un email par cette liste l’y voient, sous son propre nom.",
    ),
    "mass_emails.tracking": ("How opens and clicks are followed", "Comment suivre ouvertures et clics"),
    "mass_emails.tracking.individual": ("Person by person", "Personne par personne"),
    "mass_emails.tracking.anonymous": ("Anonymously: only totals", "Anonymement : totaux seulement"),
    "mass_emails.tracking.none": ("Not at all", "Pas du tout"),
    "mass_emails.tracking_hint": (
        "Anonymously, pixel and links are the same for everybody: hits are counted, nobody can be told apart. Not at all: links written as tracking URLs lead on, and nothing is counted.",
        "Anonymement, le pixel et les liens sont les mêmes pour tous : les ouvertures et clics sont comptés sans que personne soit reconnaissable. Pas du tout : les liens de suivi mènent à destination et rien n’est compté.",
    ),
    "outbound.privacy": ("Opens, clicks and visitors", "Ouvertures, clics et visiteurs"),
    "outbound.privacy_text": (
        "What is kept of those who open, click and opt out. The figures stay, whatever goes.",
        "Ce qui est conservé de ceux qui ouvrent, cliquent et se désinscrivent. Les chiffres restent dans tous les cas.",
    ),
    "outbound.ip_addresses": ("IP addresses", "Adresses IP"),
    "outbound.ip_addresses.full": ("Whole", "Entières"),
    "outbound.ip_addresses.cut": (
        "Their network only (IPv4 /24, IPv6 /48)",
        "Seulement leur réseau (IPv4 /24, IPv6 /48)",
    ),
    "outbound.ip_addresses.none": ("Not at all", "Pas du tout"),
    "outbound.ip_hint": (
        "From now on, of visits and of the history of consent; what is stored stays as it is.",
        "Désormais, pour les visites et l’historique du consentement ; ce qui est enregistré reste tel quel.",
    ),
    "outbound.keep_visits_days": ("Keep visits", "Garder les visites"),
    "outbound.keep_visits_hint": (
        "User agent and IP address of an open or click. Empty: for ever.",
        "Navigateur et adresse IP d’une ouverture ou d’un clic. Vide : pour toujours.",
    ),
    "outbound.keep_log_days": ("Keep the log", "Garder le journal"),
    "outbound.keep_log_hint": (
        "Who opened and clicked what, and when. Empty: for ever.",
        "Qui a ouvert ou cliqué quoi, et quand. Vide : pour toujours.",
    ),
}
