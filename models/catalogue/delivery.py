"""Sentences of the queue, the pace and the log: why nothing is being sent, and what became of a message."""

WORDS = {
    "delivery.no_mass_email": ("There is no such mass email.", "Cet envoi n’existe pas."),
    "delivery.no_claim": ("There is no such claim.", "Cette réservation n’existe pas."),
    "delivery.no_item": ("There is no such message.", "Ce message n’existe pas."),
    "delivery.not_in_queue": (
        "{address} is not in the queue of this mass email.",
        "{address} n’est pas dans la file de cet envoi.",
    ),
    "delivery.no_link": ("There is no such link in this mass email.", "Ce lien n’existe pas dans cet envoi."),
    "delivery.lease_lost": (
        "The claim is no longer this worker’s: nothing of it may be sent.",
        "La réservation n’appartient plus à ce processus\u00a0: rien ne doit partir.",
    ),
    # why nothing is being sent (D9)
    "delivery.waiting.draft": (
        "This is a Draft: nothing is sent until it is Pending.",
        "C’est un brouillon\u00a0: rien ne part avant le statut «\u202fEn attente\u202f».",
    ),
    "delivery.waiting.date_start": (
        "Waits for its Date Start, {at:%Y-%m-%d %H:%M %Z}.",
        "Attend sa date de début, le {at:%Y-%m-%d à %H:%M %Z}.",
    ),
    "delivery.waiting.queueing": (
        "Date Start has come; the next run of Send Mass Emails prepares the queue.",
        "La date de début est passée\u202f; la prochaine exécution de l’envoi prépare la file.",
    ),
    "delivery.waiting.campaign_inactive": (
        "The campaign is Inactive: nothing is queued or sent.",
        "La campagne est inactive\u00a0: rien n’est mis en file ni envoyé.",
    ),
    "delivery.waiting.job_inactive": (
        "The scheduled job Send Mass Emails is Inactive.",
        "La tâche planifiée d’envoi des e-mails est inactive.",
    ),
    "delivery.waiting.no_scheduler": (
        "No worker is running: nothing is sent until one is started.",
        "Aucun processus d’envoi ne tourne\u00a0: rien ne part avant qu’il soit démarré.",
    ),
    "delivery.waiting.paused": ("Paused by hand.", "Mis en pause à la main."),
    "delivery.waiting.paused_because": ("Paused: {trouble}", "En pause\u00a0: {trouble}"),
    "delivery.waiting.cancelled": ("Cancelled.", "Annulé."),
    "delivery.waiting.failed": ("Failed: {trouble}", "Échec\u00a0: {trouble}"),
    "delivery.waiting.complete": ("Complete: everybody was dealt with.", "Terminé\u00a0: tout le monde a été traité."),
    "delivery.waiting.complete_uncertain": (
        "Complete, {count} person uncertain: decide about it. || Complete, {count} people uncertain: decide about them.",
        "Terminé, {count} personne incertaine\u00a0: à décider. || Terminé, {count} personnes incertaines\u00a0: à décider.",
    ),
    "delivery.waiting.no_account": ("There is no SMTP account to send with.", "Aucun compte SMTP pour envoyer."),
    "delivery.waiting.account_trouble": (
        "The SMTP account {account} is in trouble, next try at {at:%H:%M %Z}: {reply}",
        "Le compte SMTP {account} a un problème, prochain essai à {at:%H:%M %Z}\u00a0: {reply}",
    ),
    "delivery.waiting.hour_limit": (
        "The limit of {limit} per hour is used until {at:%H:%M %Z}.",
        "La limite de {limit} par heure est atteinte jusqu’à {at:%H:%M %Z}.",
    ),
    "delivery.waiting.minute_limit": (
        "The limit of {limit} per minute is used until {at:%H:%M:%S %Z}.",
        "La limite de {limit} par minute est atteinte jusqu’à {at:%H:%M:%S %Z}.",
    ),
    "delivery.waiting.portion_done": ("This portion is done.", "Ce lot est terminé."),
    "delivery.waiting.retries": (
        "{count} person waits for another try, at {at:%H:%M %Z}. || "
        "{count} people wait for another try, the first at {at:%H:%M %Z}.",
        "{count} personne attend un nouvel essai, à {at:%H:%M %Z}. || "
        "{count} personnes attendent un nouvel essai, le premier à {at:%H:%M %Z}.",
    ),
    # what limits the pace
    "delivery.limited_by.portion_size": ("limited by portion size", "limité par la taille du lot"),
    "delivery.limited_by.hour_limit": ("limited by the hourly limit", "limité par la limite horaire"),
    "delivery.limited_by.minute_limit": ("limited by the limit per minute", "limité par la limite par minute"),
    "delivery.limited_by.people": ("everybody fits in one portion", "tout le monde tient dans un lot"),
    # states of a queue item
    "delivery.state.waiting": ("Not yet sent", "Pas encore envoyé"),
    "delivery.state.held": ("Being sent", "En cours d’envoi"),
    "delivery.state.sent": ("Sent", "Envoyé"),
    "delivery.state.failed": ("Failed", "Échec"),
    "delivery.state.uncertain": ("Uncertain", "Incertain"),
    "delivery.state.skipped": ("Left out at sending", "Écarté à l’envoi"),
    "delivery.state.cancelled": ("Cancelled", "Annulé"),
    # reasons kept with an item or a log record
    "delivery.reason.archived": ("Archived since", "Archivé entre-temps"),
    "delivery.reason.address_changed": ("Address changed since", "Adresse modifiée entre-temps"),
    "delivery.reason.suppressed": ("Suppressed since", "Adresse bloquée entre-temps"),
    "delivery.reason.opted_out_entirely": ("Opted out of everything since", "Désinscrit de tout entre-temps"),
    "delivery.reason.opted_out": ("Opted out of its lists since", "Désinscrit de ses listes entre-temps"),
    "delivery.reason.duplicate": ("This address has this mass email already", "Cette adresse a déjà cet envoi"),
    "delivery.reason.decided": ("Left out by decision", "Écarté par décision"),
    "delivery.reason.worker_stopped": ("Worker stopped while sending", "Processus arrêté pendant l’envoi"),
    "delivery.reason.no_reply": ("Connection lost after DATA, no reply", "Connexion perdue après DATA, sans réponse"),
    "delivery.reason.user_unknown": ("No such mailbox", "Boîte inconnue"),
    "delivery.reason.host_unknown": ("No such domain", "Domaine inconnu"),
    "delivery.reason.mailbox_full": ("Mailbox full", "Boîte pleine"),
    "delivery.reason.mailbox_disabled": ("Mailbox disabled", "Boîte désactivée"),
    "delivery.reason.moved": ("Mailbox moved", "Boîte déplacée"),
    "delivery.reason.blocked": ("Blocked, reputation", "Bloqué, réputation"),
    "delivery.reason.spam": ("Taken for spam", "Pris pour du spam"),
    "delivery.reason.policy": ("Refused by policy", "Refusé par une règle"),
    "delivery.reason.too_big": ("Message too big", "Message trop gros"),
    "delivery.reason.greylisted": ("Asked to come back later", "À représenter plus tard"),
    "delivery.reason.rate": ("Too many messages at once", "Trop de messages à la fois"),
    "delivery.reason.smtputf8": (
        "The server cannot take this address (SMTPUTF8)",
        "Le serveur n’accepte pas cette adresse (SMTPUTF8)",
    ),
    "delivery.reason.refused": ("Refused", "Refusé"),
}
