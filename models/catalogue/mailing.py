"""Sentences of mass emails, their audience, tracking URLs and tests."""

WORDS = {
    "mass_email.status.draft": ("Draft", "Brouillon"),
    "mass_email.status.pending": ("Pending", "En attente"),
    "mass_email.status.in_process": ("In Process", "En cours"),
    "mass_email.status.paused": ("Paused", "En pause"),
    "mass_email.status.complete": ("Complete", "Terminé"),
    "mass_email.status.cancelled": ("Cancelled", "Annulé"),
    "mass_email.status.failed": ("Failed", "En échec"),
    "mass_email.not_found": ("There is no such mass email.", "Cet envoi n’existe pas."),
    "mass_email.no_campaign": ("There is no such campaign.", "Cette campagne n’existe pas."),
    "mass_email.campaign_type": (
        "“{name}” is not an email campaign. Only campaigns of type Email, Newsletter or Informational Email have mass emails.",
        "«\u202f{name}\u202f» n’est pas une campagne d’emails. Seules les campagnes de type Email, Newsletter ou Email "
        "informatif ont des envois.",
    ),
    "mass_email.no_such_move": (
        "A mass email that is {status} cannot become {to}.",
        "Un envoi dont le statut est «\u202f{status}\u202f» ne peut pas passer à «\u202f{to}\u202f».",
    ),
    "mass_email.moved_meanwhile": (
        "Somebody or the worker changed this mass email meanwhile. Look again, then decide.",
        "Cet envoi a changé entre-temps. Regarder de nouveau avant de décider.",
    ),
    "mass_email.somebody": ("Somebody", "Quelqu’un"),
    "mass_email.list_required": ("Choose at least one target list.", "Choisir au moins une liste cible."),
    "mass_email.list_gone": (
        "One of these lists is no longer there. Choose again.",
        "L’une de ces listes n’existe plus. Choisir de nouveau.",
    ),
    "mass_email.template_required": ("Choose an email template.", "Choisir un modèle d’email."),
    "mass_email.template_gone": (
        "This email template is no longer there. Choose another.",
        "Ce modèle d’email n’existe plus. En choisir un autre.",
    ),
    "mass_email.smtp_account_gone": (
        "This SMTP account is no longer there. Choose another.",
        "Ce compte SMTP n’existe plus. En choisir un autre.",
    ),
    "mass_email.no_version": (
        "The email template of this mass email is no longer there.",
        "Le modèle d’email de cet envoi n’existe plus.",
    ),
    "mass_email.foreign_code": (
        "The template names a tracking URL that is not of this campaign: {codes}. || "
        "The template names tracking URLs that are not of this campaign: {codes}.",
        "Le modèle cite un lien de traçage qui n’est pas de cette campagne\u00a0: {codes}. || "
        "Le modèle cite des liens de traçage qui ne sont pas de cette campagne\u00a0: {codes}.",
    ),
    "mass_email.start_passed": (
        "This Date Start has passed. Choose now or later.",
        "Cette date de début est passée. Choisir maintenant ou plus tard.",
    ),
    "mass_email.not_a_moment": ("Enter a date and a time.", "Saisir une date et une heure."),
    "mass_email.skipped_hour": (
        "The clocks skip this hour on that day. Choose another.",
        "Cette heure n’existe pas ce jour-là (changement d’heure). En choisir une autre.",
    ),
    "mass_email.from_required": (
        "Enter a From address here, in the SMTP account or in Outbound Emails.",
        "Saisir une adresse d’expéditeur ici, dans le compte SMTP ou dans les emails sortants.",
    ),
    "mass_email.confirm_site_url": (
        "{why} Every link in these mails would be dead, the opt-out link too. Start nevertheless?",
        "{why} Tous les liens de ces emails seraient morts, y compris celui de désinscription. Démarrer quand même\u202f?",
    ),
    "mass_email.fixed_now": (
        "This can no longer be changed: the mass email is {status}.",
        "Ce champ ne peut plus être modifié\u00a0: statut «\u202f{status}\u202f».",
    ),
    "mass_email.cancel_first": (
        "This mass email is {status}. Cancel it first, then delete it.",
        "Statut «\u202f{status}\u202f»\u00a0: annuler d’abord cet envoi, puis le supprimer.",
    ),
    "mass_email.has_begun": (
        "Its first messages have begun: it can be paused or cancelled, but not taken back.",
        "Les premiers messages ont commencé\u00a0: l’envoi peut être mis en pause ou annulé, mais pas repris.",
    ),
    "new_version.none": (
        "There is no newer version of its template, or nobody left who would get it ({status}).",
        "Son modèle n’a pas de version plus récente, ou plus personne ne la recevrait ({status}).",
    ),
    "new_version.newer_still": (
        "The template has an even newer version by now, {no}. Look at that one first.",
        "Le modèle a entre-temps une version encore plus récente, {no}. La regarder d’abord.",
    ),
    "mass_email.not_pending": (
        "The queue is built for a Pending mass email only.",
        "La file d’envoi n’est constituée que pour un envoi en attente.",
    ),
    "mass_email.queue_stopped": (
        "The mass email was changed while its queue was being built. It is built anew if it is still Pending.",
        "L’envoi a été modifié pendant la constitution de sa file. Elle est reprise s’il est toujours en attente.",
    ),
    "audience.chosen": (
        "Member of the target lists || Members of the target lists",
        "Membre des listes cibles || Membres des listes cibles",
    ),
    "audience.final": ("Will receive", "Recevront l’email"),
    "audience.left_out": ("Left out, by reason", "Écartés, par motif"),
    "audience.archived": ("Archived", "Archivé"),
    "audience.no_address": ("No address", "Sans adresse"),
    "audience.suppressed": ("Suppressed", "Adresse bloquée"),
    "audience.excluded": ("Excluded", "Exclu"),
    "audience.opted_out_entirely": ("Opted out of everything", "Désinscrit de tout"),
    "audience.opted_out": ("Opted out", "Désinscrit"),
    "audience.duplicate": ("Duplicate", "Doublon"),
    "audience.because.archived": ("The recipient was deleted.", "Le destinataire a été supprimé."),
    "audience.because.no_address": ("The recipient has no address.", "Le destinataire n’a pas d’adresse."),
    "audience.because.suppressed.hard_bounce": (
        "The address does not exist (hard bounce).",
        "L’adresse n’existe pas (retour définitif).",
    ),
    "audience.because.suppressed.complaint": ("The person complained.", "La personne s’est plainte."),
    "audience.because.suppressed.soft_bounces": (
        "Mails came back several times.",
        "Des emails sont revenus plusieurs fois.",
    ),
    "audience.because.suppressed.invalid": ("The address is invalid.", "L’adresse n’est pas valable."),
    "audience.because.suppressed.manual": ("Suppressed by hand.", "Bloquée à la main."),
    "audience.because.excluded": (
        "In the excluded list “{name}”, by record or by address.",
        "Dans la liste exclue «\u202f{name}\u202f», par la fiche ou par l’adresse.",
    ),
    "audience.because.opted_out_entirely": ("Opted out of every mailing.", "Désinscrit de tous les envois."),
    "audience.because.opted_out": (
        "Opted out of all the lists of this mass email that they are in.",
        "Désinscrit de toutes ses listes pour cet envoi.",
    ),
    "audience.because.duplicate": ("Same address as {name}.", "Même adresse que {name}."),
    "tracking_url.not_found": ("There is no such tracking URL.", "Ce lien de traçage n’existe pas."),
    "tracking_url.no_campaign": ("There is no such campaign.", "Cette campagne n’existe pas."),
    "tracking_url.somebody": ("Somebody", "Quelqu’un"),
    "tracking_url.not_a_url": (
        "Enter a whole address that starts with http:// or https://.",
        "Saisir une adresse complète qui commence par http:// ou https://.",
    ),
    "tracking_url.forbidden_sign": (
        "An address holds no spaces, quotation marks, < or >. Encode them (%20).",
        "Une adresse ne contient ni espace, ni guillemet, ni < ou >. Les encoder (%20).",
    ),
    "tracking_url.foreign": (
        "{code} is not a tracking URL of this campaign.",
        "{code} n’est pas un lien de traçage de cette campagne.",
    ),
    "tracking_url.action.redirect": ("Redirect", "Rediriger"),
    "tracking_url.action.show_message": ("Show message", "Afficher un message"),
    "test_send.not_found": ("There is no such test.", "Ce test n’existe pas."),
}
