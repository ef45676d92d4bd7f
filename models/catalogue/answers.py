"""What comes back: reasons of bounces that models/catalogue/delivery.py does not say already, and the mails."""

WORDS = {
    "delivery.reason.takes_no_mail": ("The host takes no mail", "L’hôte ne reçoit pas d’emails"),
    "delivery.reason.filtered": ("Filtered at the recipient", "Filtré chez le destinataire"),
    "delivery.reason.expired": ("Given up after many tries", "Abandonné après plusieurs essais"),
    "delivery.reason.authentication": ("Sender not authenticated", "Expéditeur non authentifié"),
    "delivery.reason.reverse_dns": ("Sending host without reverse DNS", "Hôte d’envoi sans DNS inverse"),
    "delivery.reason.relay": ("Relaying refused", "Relais refusé"),
    "delivery.reason.limit": ("Limit of the recipient reached", "Limite du destinataire atteinte"),
    "delivery.reason.mailer": ("The recipient’s mail program failed", "Échec du programme du destinataire"),
    "delivery.reason.network": ("Network trouble", "Problème de réseau"),
    "delivery.reason.system": ("The recipient’s server has a problem", "Problème du serveur du destinataire"),
    "delivery.reason.security": ("Refused for security", "Refusé pour raison de sécurité"),
    "delivery.reason.not_compliant": ("Message does not follow the standards", "Message non conforme aux normes"),
    "delivery.reason.syntax": ("The servers did not understand each other", "Les serveurs ne se sont pas compris"),
    "delivery.reason.virus": ("Taken for a virus", "Pris pour un virus"),
    "delivery.reason.unknown": ("No reason given", "Sans motif"),
    # What Came Back
    "nav.answers": ("What Came Back", "Les retours"),
    "mail_in.not_found": ("There is no such mail.", "Cet email n’existe pas."),
    "mail_in.counts_already": ("This mail counts already.", "Cet email est déjà compté."),
    "mail_in.no_such_person": ("Choose somebody who has an address.", "Choisir quelqu’un qui a une adresse."),
    "mail_in.never_mailed": ("This person was never sent anything.", "Rien n’a jamais été envoyé à cette personne."),
}
