"""Email templates and tracking URLs as pages show them."""

WORDS = {
    # tracking URLs
    "tracking_urls.create": ("Create tracking URL", "Créer un lien de traçage"),
    "tracking_urls.edit": ("Edit tracking URL", "Modifier le lien de traçage"),
    "tracking_urls.name": ("Name", "Nom"),
    "tracking_urls.name_hint": ("Only your team sees it.", "Visible par votre équipe seulement."),
    "tracking_urls.campaign": ("Campaign", "Campagne"),
    "tracking_urls.choose_campaign": ("Choose a campaign", "Choisir une campagne"),
    "tracking_urls.action": ("Action", "Action"),
    "tracking_urls.url": ("URL", "URL"),
    "tracking_urls.url_hint": (
        "Emails that went out follow the new URL too.",
        "Les emails déjà partis suivent aussi la nouvelle URL.",
    ),
    "tracking_urls.message": ("Message", "Message"),
    "tracking_urls.message_hint": (
        "Shown on a page of its own. Markdown.",
        "Affiché sur une page à part. Markdown.",
    ),
    "tracking_urls.code": ("Code to paste into a template", "Code à coller dans un modèle"),
    "tracking_urls.code_hint": (
        "Use it as the address of a link, in a template of this campaign.",
        "À utiliser comme adresse d’un lien, dans un modèle de cette campagne.",
    ),
    "tracking_urls.copy_code": ("Copy the code of {name}", "Copier le code de {name}"),
    "tracking_urls.created": ("Tracking URL created", "Lien de traçage créé"),
    "tracking_urls.saved": ("Tracking URL saved", "Lien de traçage enregistré"),
    "tracking_urls.deleted": ("Tracking URL deleted", "Lien de traçage supprimé"),
    "tracking_urls.delete_question": ("Delete “{name}”?", "Supprimer « {name} » ?"),
    "tracking_urls.delete_text": (
        "Links in emails that went out keep working. It can no longer be used in a template.",
        "Les liens des emails partis restent valables. Il ne pourra plus servir dans un modèle.",
    ),
    "tracking_urls.delete": ("Delete tracking URL", "Supprimer le lien de traçage"),
    "tracking_urls.mass_emails": ("Mass emails that link it", "Emails en masse qui le contiennent"),
    "tracking_urls.people": ("People who clicked", "Personnes qui ont cliqué"),
}
