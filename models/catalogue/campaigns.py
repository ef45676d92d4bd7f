"""Campaigns: list, form, deletion."""

WORDS = {
    "campaigns.title": ("Campaigns", "Campagnes"),
    "campaigns.campaign": ("Campaign", "Campagne"),
    "campaigns.name": ("Name", "Nom"),
    "campaigns.status": ("Status", "Statut"),
    "campaigns.type": ("Type", "Type"),
    "campaigns.dates": ("Dates", "Dates"),
    "campaigns.target_lists": ("Target Lists", "Listes cibles"),
    "campaigns.target_list": ("Target List", "Liste cible"),
    "campaigns.excluded_lists": ("Excluding Target Lists", "Listes cibles exclues"),
    "campaigns.excluded_hint": (
        "Who is in one of these gets nothing.",
        "Qui figure dans l’une d’elles ne reçoit rien.",
    ),
    "campaigns.lists_hint": (
        "New mass emails start with these lists; those that exist keep their own.",
        "Les nouveaux emails en masse partent de ces listes ; les existants gardent les leurs.",
    ),
    "campaigns.start_date": ("Date Start", "Date de début"),
    "campaigns.end_date": ("Date End", "Date de fin"),
    "campaigns.budget": ("Budget", "Budget"),
    "campaigns.description": ("Description", "Description"),
    "campaigns.people": ("{count} people", "{count} personnes"),
    "campaigns.sent": ("Sent", "Envoyés"),
    "campaigns.opened": ("Opened", "Ouverts"),
    "campaigns.clicked": ("Clicked", "Cliqués"),
    "campaigns.opted_out": ("Opted Out", "Désinscrits"),
    "campaigns.bounced": ("Bounced", "Retournés"),
    "campaigns.not_tracked": ("not tracked", "non suivi"),
    "campaigns.and_more": ("{name} + {more}", "{name} + {more}"),
    # types and statuses
    "campaigns.type.email": ("Email", "Email"),
    "campaigns.type.newsletter": ("Newsletter", "Newsletter"),
    "campaigns.type.informational": ("Informational Email", "Email d’information"),
    "campaigns.type.web": ("Web", "Web"),
    "campaigns.type.television": ("Television", "Télévision"),
    "campaigns.type.radio": ("Radio", "Radio"),
    "campaigns.type.mail": ("Mail", "Courrier"),
    "campaigns.status.planning": ("Planning", "En préparation"),
    "campaigns.status.active": ("Active", "Active"),
    "campaigns.status.inactive": ("Inactive", "Inactive"),
    "campaigns.status.complete": ("Complete", "Terminée"),
    # views
    "campaigns.view.all": ("All", "Toutes"),
    "campaigns.view.active": ("Active", "Actives"),
    "campaigns.view.planning": ("Planning", "En préparation"),
    "campaigns.view.complete": ("Complete", "Terminées"),
    # acts
    "campaigns.create": ("Create campaign", "Créer une campagne"),
    "campaigns.edit": ("Edit campaign", "Modifier la campagne"),
    "campaigns.change_status": ("Change status", "Changer le statut"),
    "campaigns.created": ("Campaign created", "Campagne créée"),
    "campaigns.saved": ("Campaign saved", "Campagne enregistrée"),
    "campaigns.status_changed": (
        "Status of {count} campaign changed || Status of {count} campaigns changed",
        "Statut de {count} campagne changé || Statut de {count} campagnes changé",
    ),
    "campaigns.deleted": (
        "{count} campaign deleted || {count} campaigns deleted",
        "{count} campagne supprimée || {count} campagnes supprimées",
    ),
    "campaigns.delete_count": (
        "Delete {count} campaign || Delete {count} campaigns",
        "Supprimer {count} campagne || Supprimer {count} campagnes",
    ),
    "campaigns.delete_question": (
        "Delete {count} campaign? || Delete {count} campaigns?",
        "Supprimer {count} campagne\u202f? || Supprimer {count} campagnes\u202f?",
    ),
    "campaigns.delete_text": (
        "Their mass emails and statistics leave the lists too. Links in emails that went out keep working.",
        "Leurs emails en masse et statistiques quittent aussi les listes. Les liens des emails partis restent valables.",
    ),
    "campaigns.goes_mass_emails": ("Mass emails that go with them", "Emails en masse supprimés avec elles"),
    "campaigns.goes_people": (
        "People who were mailed; their history stays",
        "Personnes contactées, historique conservé",
    ),
    "campaigns.keep": ("Keep them", "Conserver"),
    # empty
    "campaigns.none": ("No campaigns yet", "Pas encore de campagne"),
    "campaigns.none_text": (
        "A campaign gathers mass emails, the people who get them and the results. "
        "It needs one target list and one email template.",
        "Une campagne réunit les emails en masse, leurs destinataires et les résultats. "
        "Il faut une liste cible et un modèle d’email.",
    ),
    "campaigns.import_people": ("Import people", "Importer des personnes"),
    # problems
    "campaigns.not_found": ("There is no such campaign.", "Cette campagne n’existe pas."),
    "campaigns.end_before_start": ("This is before Date Start.", "Cette date précède celle du début."),
    "campaigns.type_fixed": (
        "The type is fixed once the campaign has a mass email.",
        "Le type ne change plus dès que la campagne a un email en masse.",
    ),
    "campaigns.list_gone": ("One of these lists no longer exists.", "L’une de ces listes n’existe plus."),
    "campaigns.list_both": (
        "A list cannot be mailed and excluded at once.",
        "Une liste ne peut pas être à la fois cible et exclue.",
    ),
    "campaigns.still_sending": (
        "One mass email is still being sent: cancel it first. || "
        "{count} mass emails are still being sent: cancel them first.",
        "Un email en masse est encore en cours d’envoi\u00a0: l’annuler d’abord. || "
        "{count} emails en masse sont encore en cours d’envoi\u00a0: les annuler d’abord.",
    ),
}
