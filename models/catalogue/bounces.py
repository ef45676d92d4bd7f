"""Bounces in sentences: what a mail that came back says, and why (models/bounce.py). Short labels are delivery.reason.…"""

WORDS = {
    "bounce.kind.hard": ("Returned for good", "Retour définitif"),
    "bounce.kind.soft": ("Returned this time", "Retour passager"),
    "bounce.kind.delayed": ("Still being tried", "Encore en cours d’essai"),
    "bounce.kind.complaint": ("Complaint", "Plainte"),
    "bounce.kind.auto_reply": ("Automatic reply", "Réponse automatique"),
    "bounce.kind.not_a_bounce": ("Not a bounce", "Pas un retour"),
    # hard: the address will not work again
    "bounce.reason.userunknown": (
        "The recipient’s server has no mailbox of this name.",
        "Le serveur du destinataire n’a pas de boîte de ce nom.",
    ),
    "bounce.reason.hostunknown": (
        "The domain of the address does not exist.",
        "Le domaine de l’adresse n’existe pas.",
    ),
    "bounce.reason.hasmoved": (
        "The person has moved to another address.",
        "La personne a changé d’adresse.",
    ),
    "bounce.reason.notaccept": (
        "The domain of the address takes no mail at all.",
        "Le domaine de l’adresse ne reçoit aucun e-mail.",
    ),
    # soft: of the mailbox
    "bounce.reason.mailboxfull": ("The mailbox is full.", "La boîte est pleine."),
    "bounce.reason.suspend": (
        "The mailbox is disabled or suspended; it may come back.",
        "La boîte est désactivée ou suspendue ; elle peut revenir.",
    ),
    "bounce.reason.filtered": (
        "The recipient, or a filter of theirs, declined the message.",
        "Le destinataire, ou l’un de ses filtres, a écarté le message.",
    ),
    # soft: of the sender
    "bounce.reason.authfailure": (
        "SPF, DKIM or DMARC failed: check the DNS records of the sending domain.",
        "SPF, DKIM ou DMARC a échoué : vérifier les enregistrements DNS du domaine d’envoi.",
    ),
    "bounce.reason.badreputation": (
        "The sending server or domain has a bad reputation.",
        "Le serveur ou le domaine d’envoi a mauvaise réputation.",
    ),
    "bounce.reason.blocked": (
        "The recipient’s server blocks the sending server.",
        "Le serveur du destinataire bloque le serveur d’envoi.",
    ),
    "bounce.reason.rejected": (
        "The sender’s address or domain was refused.",
        "L’adresse ou le domaine d’expédition a été refusé.",
    ),
    "bounce.reason.requireptr": (
        "The sending server has no valid reverse DNS entry.",
        "Le serveur d’envoi n’a pas d’entrée DNS inverse valable.",
    ),
    "bounce.reason.norelaying": (
        "The server does not pass mail on for this sender or domain.",
        "Le serveur ne relaie pas pour cet expéditeur ou ce domaine.",
    ),
    "bounce.reason.toomanyconn": (
        "Too many connections at once: fewer at a time will do.",
        "Trop de connexions à la fois : en ouvrir moins suffira.",
    ),
    "bounce.reason.speeding": (
        "Too many messages in too short a time.",
        "Trop de messages en trop peu de temps.",
    ),
    "bounce.reason.securityerror": (
        "Refused for reasons of security or access.",
        "Refusé pour des raisons de sécurité ou d’accès.",
    ),
    # soft: of the message
    "bounce.reason.spamdetected": (
        "The message was taken for spam.",
        "Le message a été pris pour du spam.",
    ),
    "bounce.reason.virusdetected": (
        "The message was taken for a virus.",
        "Le message a été pris pour un virus.",
    ),
    "bounce.reason.contenterror": (
        "The server could not take the message’s headers or format.",
        "Le serveur n’a pas pu accepter les en-têtes ou le format du message.",
    ),
    "bounce.reason.notcompliantrfc": (
        "The message does not follow the mail standards.",
        "Le message ne respecte pas les normes de la messagerie.",
    ),
    "bounce.reason.mesgtoobig": (
        "The message is too big for the server.",
        "Le message est trop gros pour le serveur.",
    ),
    "bounce.reason.exceedlimit": (
        "The message is larger than the recipient allows.",
        "Le message dépasse la limite du destinataire.",
    ),
    "bounce.reason.policyviolation": (
        "A policy of the recipient’s organization forbids the message.",
        "Une règle de l’organisation du destinataire interdit le message.",
    ),
    # soft: of servers and networks
    "bounce.reason.expired": (
        "The message could not be delivered in time.",
        "Le message n’a pas pu être remis à temps.",
    ),
    "bounce.reason.networkerror": (
        "The recipient’s server could not be found or reached.",
        "Le serveur du destinataire n’a pas pu être trouvé ou joint.",
    ),
    "bounce.reason.mailererror": (
        "A program of the recipient’s mail system failed.",
        "Un programme du système du destinataire a échoué.",
    ),
    "bounce.reason.systemerror": (
        "The recipient’s server had a fault of its own.",
        "Le serveur du destinataire a eu une défaillance.",
    ),
    "bounce.reason.systemfull": (
        "The recipient’s server has no space left.",
        "Le serveur du destinataire n’a plus de place.",
    ),
    "bounce.reason.syntaxerror": (
        "The servers did not understand each other’s commands.",
        "Les serveurs n’ont pas compris leurs commandes.",
    ),
    "bounce.reason.undefined": (
        "The report does not say why.",
        "Le rapport ne dit pas pourquoi.",
    ),
    # not bounces
    "bounce.reason.feedback": (
        "A mailbox provider passes on what its user did with the message.",
        "Un fournisseur transmet ce que son utilisateur a fait du message.",
    ),
    "bounce.reason.vacation": (
        "A program answered in the person’s place.",
        "Un programme a répondu à la place de la personne.",
    ),
    "bounce.reason.delivered": (
        "A receipt: the message arrived.",
        "Un accusé de réception : le message est arrivé.",
    ),
    # the command
    "bounce.unreadable": ("{file} cannot be read: {why}.", "{file} ne peut pas être lu : {why}."),
    # Outbound Emails
    "outbound.soft_bounces": ("Soft bounces", "Retours temporaires"),
    "outbound.soft_bounces_text": (
        "When an address that is refused for the time being, again and again, is suppressed. An open or click by the person in between, and counting starts anew.",
        "Quand une adresse refusée temporairement, encore et encore, est bloquée. Une ouverture ou un clic de la personne entre-temps, et le compte repart de zéro.",
    ),
    "outbound.soft_bounce_count": ("Suppress after", "Bloquer après"),
    "outbound.soft_bounce_count_hint": ("different ones that came back", "différents et revenus"),
    "outbound.soft_bounce_days": ("Over at least", "Sur au moins"),
    "outbound.soft_bounce_days_hint": (
        "between the first and the last. 0: at once",
        "entre le premier et le dernier. 0 : sans délai",
    ),
    "outbound.mass_emails": ("mass emails", "emails en masse"),
}
