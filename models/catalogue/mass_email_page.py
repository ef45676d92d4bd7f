"""Words of the mass email screens: list, form, page, Send Test and what may be done."""

WORDS = {
    "mass_emails.title": ("Mass Emails", "Emails en masse"),
    "mass_emails.one": ("Mass Email", "Email en masse"),
    # acts
    "mass_emails.send_test": ("Send Test", "Envoyer un test"),
    "mass_emails.start": ("Start", "Démarrer"),
    "mass_emails.pause": ("Pause", "Mettre en pause"),
    "mass_emails.resume": ("Resume", "Reprendre"),
    "mass_emails.cancel": ("Cancel sending", "Annuler l’envoi"),
    "mass_emails.retry_failed": ("Retry failed", "Renvoyer les échecs"),
    "mass_emails.to_draft": ("Back to Draft", "Remettre en brouillon"),
    "mass_emails.started": (
        "“{name}” is Pending: it goes out from its Date Start",
        "« {name} » est en attente : l’envoi commence à sa date de début",
    ),
    "mass_emails.paused": (
        "“{name}” is paused. Messages on the wire are finished, no new one begins.",
        "« {name} » est en pause. Les messages déjà en route se terminent, aucun nouveau ne part.",
    ),
    "mass_emails.resumed": ("“{name}” goes on with the next portion", "« {name} » reprend à la prochaine portion"),
    "mass_emails.is_draft": (
        "“{name}” is a Draft again: nothing leaves",
        "« {name} » redevient un brouillon : rien ne part",
    ),
    "mass_emails.cancelled": (
        "“{name}” is cancelled: {count} person does not get it || “{name}” is cancelled: {count} people do not get it",
        "« {name} » est annulé : {count} personne ne le reçoit pas || "
        "« {name} » est annulé : {count} personnes ne le reçoivent pas",
    ),
    "mass_emails.retried": (
        "{count} failed message waits for the next portion || {count} failed messages wait for the next portion",
        "{count} message en échec attend la prochaine portion || {count} messages en échec attendent la prochaine portion",
    ),
    "mass_emails.deleted": ("“{name}” is deleted", "« {name} » est supprimé"),
    "mass_emails.cancel_question": ("Cancel sending of “{name}”?", "Annuler l’envoi de « {name} » ?"),
    "mass_emails.cancel_text": (
        "A cancelled mass email cannot be resumed. A paused one can.",
        "Un envoi annulé ne peut pas reprendre. Un envoi en pause, si.",
    ),
    "mass_emails.cancel_count": (
        "Cancel for {count} person || Cancel for {count} people",
        "Annuler pour {count} personne || Annuler pour {count} personnes",
    ),
    "mass_emails.pause_instead": ("Pause instead", "Mettre plutôt en pause"),
    "mass_emails.goes_without": ("People who do not get it", "Personnes qui ne le reçoivent pas"),
    "mass_emails.have_it": ("People who have it already", "Personnes qui l’ont déjà"),
    "mass_emails.delete": ("Delete Mass Email", "Supprimer l’email en masse"),
    "mass_emails.delete_question": ("Delete “{name}”?", "Supprimer « {name} » ?"),
    "mass_emails.delete_kept": (
        "It leaves the screens with its statistics. Links in emails that went out keep working, and the history of "
        "each person stays.",
        "Il quitte les écrans avec ses statistiques. Les liens des emails partis restent valables et l’historique "
        "de chaque personne est conservé.",
    ),
    "mass_emails.delete_gone": (
        "Nothing of it went out. It is gone for good; its template and lists stay.",
        "Rien n’est parti. Il disparaît définitivement ; son modèle et ses listes restent.",
    ),
    "mass_emails.goes_people": ("People in its queue", "Personnes dans sa file"),
    "mass_emails.keep": ("Keep it", "Conserver"),
    "mass_emails.retry_question": ("Send again to those whose message failed?", "Renvoyer aux échecs ?"),
    "mass_emails.retry_text": (
        "Their tries begin anew, in the next portion. Who is suppressed by now is left out, with the reason.",
        "Leurs essais recommencent à la prochaine portion. Les adresses bloquées entre-temps sont écartées, avec la raison.",
    ),
    "mass_emails.retry_count": (
        "Retry for {count} person || Retry for {count} people",
        "Renvoyer à {count} personne || Renvoyer à {count} personnes",
    ),
    "mass_emails.start_question": ("Start “{name}”?", "Démarrer « {name} » ?"),
    "mass_emails.start_nevertheless": ("Start nevertheless", "Démarrer quand même"),
    # Send Test
    "mass_emails.send_test_text": (
        "“{name}”, exactly as each person would get it. Marked as test, never in the statistics.",
        "« {name} », exactement comme chacun le recevrait. Marqué comme test, jamais dans les statistiques.",
    ),
    "mass_emails.test_to": ("To", "À"),
    "mass_emails.test_to_hint": (
        "Search people, or type an address. An address that nobody has gets it without personal values.",
        "Chercher des personnes ou saisir une adresse. Une adresse inconnue le reçoit sans valeurs personnelles.",
    ),
    "mass_emails.name_or_address": ("Name or address", "Nom ou adresse"),
    "mass_emails.send_test_to": (
        "Send Test to {count} person || Send Test to {count} people",
        "Envoyer un test à {count} personne || Envoyer un test à {count} personnes",
    ),
    "mass_emails.send_all_the_same": ("Send all the same", "Envoyer malgré tout"),
    "mass_emails.left_this_hour": (
        "{count} left in this hour, tests count || {count} left in this hour, tests count",
        "reste {count} pour cette heure, tests compris || reste {count} pour cette heure, tests compris",
    ),
    "mass_emails.last_test": ("Last test, {at}", "Dernier test, {at}"),
    "mass_emails.test_sum": ("{sent} sent, {refused} refused", "envoyés : {sent}, refusés : {refused}"),
    "mass_emails.no_answer": ("No answer yet.", "Pas encore de réponse."),
    "mass_emails.test_caught": (
        "Nothing left this machine: the test is in the Mail Catcher.",
        "Rien n’a quitté cette machine : le test est dans l’attrape-mails.",
    ),
    # the form
    "mass_emails.create": ("Create Mass Email", "Créer un email en masse"),
    "mass_emails.edit": ("Edit Mass Email", "Modifier l’email en masse"),
    "mass_emails.created": ("Mass Email created", "Email en masse créé"),
    "mass_emails.saved": ("Mass Email saved", "Email en masse enregistré"),
    "mass_emails.campaign": ("Campaign", "Campagne"),
    "mass_emails.other_campaign": ("Choose another", "En choisir une autre"),
    "mass_emails.which_campaign": ("Which campaign?", "Quelle campagne ?"),
    "mass_emails.which_campaign_text": (
        "A mass email belongs to a campaign and starts with its target lists.",
        "Un email en masse appartient à une campagne et part de ses listes cibles.",
    ),
    "mass_emails.no_campaign": ("No campaign to send from", "Aucune campagne d’envoi"),
    "mass_emails.no_campaign_text": (
        "Create a campaign of type Email, Newsletter or Informational Email first.",
        "Créer d’abord une campagne de type Email, Newsletter ou Email d’information.",
    ),
    "mass_emails.name": ("Name", "Nom"),
    "mass_emails.status": ("Status", "Statut"),
    "mass_emails.start_at": ("Date Start", "Date de début"),
    "mass_emails.zone": ("Time zone", "Fuseau horaire"),
    "mass_emails.template": ("Email Template", "Modèle d’email"),
    "mass_emails.target_lists": ("Target Lists", "Listes cibles"),
    "mass_emails.excluded_lists": ("Excluding Target Lists", "Listes cibles exclues"),
    "mass_emails.smtp_account": ("SMTP Account", "Compte SMTP"),
    "mass_emails.from_name": ("From Name", "Nom de l’expéditeur"),
    "mass_emails.from_address": ("From Address", "Adresse de l’expéditeur"),
    "mass_emails.reply_to": ("Reply-To Address", "Adresse de réponse"),
    "mass_emails.opt_out_entirely": ("Opt out entirely", "Désinscription de tout"),
    "mass_emails.store_sent_emails": ("Store sent emails", "Conserver les emails envoyés"),
    "mass_emails.track_opens": ("Track opens", "Suivre les ouvertures"),
    "mass_emails.track_links": ("Track links", "Suivre les liens"),
    "mass_emails.on": ("on", "oui"),
    "mass_emails.off": ("off", "non"),
    "mass_emails.as_set": ("as in the SMTP account or Outbound Emails", "comme le compte SMTP ou les emails sortants"),
    "mass_emails.default_account": ("The default one: {name}", "Celui par défaut : {name}"),
    "mass_emails.status_hint": (
        "Pending: it goes out from its Date Start. Draft: nothing leaves.",
        "En attente : l’envoi commence à la date de début. Brouillon : rien ne part.",
    ),
    "mass_emails.template_hint": (
        "Its newest version is frozen when the mass email becomes Pending.",
        "Sa version la plus récente est figée quand l’email en masse passe en attente.",
    ),
    "mass_emails.excluded_hint": (
        "Who is in one of these gets nothing, whatever the kind of record.",
        "Qui figure dans l’une d’elles ne reçoit rien, quel que soit le type de fiche.",
    ),
    "mass_emails.opt_out_entirely_hint": (
        "The opt-out link takes people off every list, not only the lists of this mass email.",
        "Le lien de désinscription retire la personne de toutes les listes, pas seulement de celles-ci.",
    ),
    "mass_emails.store_sent_emails_hint": (
        "Keeps each person’s values, so that the very message can be shown later.",
        "Conserve les valeurs de chaque personne pour pouvoir montrer plus tard le message exact.",
    ),
    "mass_emails.track_opens_hint": ("By an invisible picture.", "Par une image invisible."),
    "mass_emails.track_links_hint": (
        "Every link of the template leads through this server, personal to each recipient.",
        "Chaque lien du modèle passe par ce serveur, propre à chaque destinataire.",
    ),
    "mass_emails.informational": (
        "An Informational Email has no opt-out link and no tracking.",
        "Un email d’information n’a ni lien de désinscription ni suivi.",
    ),
    "mass_emails.topic_when": ("Name and time", "Nom et date"),
    "mass_emails.topic_when_text": (
        "Nobody is chosen and nothing is sent before Date Start.",
        "Personne n’est choisi et rien ne part avant la date de début.",
    ),
    "mass_emails.topic_what": ("Content", "Contenu"),
    "mass_emails.topic_what_text": ("What people read.", "Ce que les personnes lisent."),
    "mass_emails.topic_who": ("Who gets it", "Qui le reçoit"),
    "mass_emails.topic_who_text": (
        "Everybody gets it once, in however many lists they are.",
        "Chacun le reçoit une fois, quel que soit le nombre de ses listes.",
    ),
    "mass_emails.topic_from": ("Sender", "Expéditeur"),
    "mass_emails.topic_from_text": (
        "Left empty, the SMTP account and Outbound Emails decide.",
        "Laissé vide, le compte SMTP et les emails sortants décident.",
    ),
    "mass_emails.topic_more": ("Opt-out and tracking", "Désinscription et suivi"),
    "mass_emails.topic_more_text": (
        "What is not tracked is shown as “not tracked”, never as 0.",
        "Ce qui n’est pas suivi est indiqué « non suivi », jamais 0.",
    ),
    "mass_emails.some_fixed": (
        "What is plain text here can no longer be changed: the people are chosen or the mails are on their way.",
        "Ce qui est ici en texte simple ne peut plus changer : les personnes sont choisies ou les emails en route.",
    ),
    "mass_emails.dead_links": ("Start with dead links?", "Démarrer avec des liens morts ?"),
    "mass_emails.save_as_draft": ("Save as Draft", "Enregistrer en brouillon"),
    # the list
    "mass_emails.view.all": ("All", "Tous"),
    "mass_emails.search": ("Name, campaign, template", "Nom, campagne, modèle"),
    "mass_emails.progress": ("Progress", "Progression"),
    "mass_emails.sent": ("Sent", "Envoyés"),
    "mass_emails.opened": ("Opened", "Ouverts"),
    "mass_emails.clicked": ("Clicked", "Cliqués"),
    "mass_emails.not_tracked": ("not tracked", "non suivi"),
    "mass_emails.none": ("No mass emails yet", "Pas encore d’email en masse"),
    "mass_emails.none_text": (
        "A mass email sends one template to the target lists of a campaign, in portions, from its Date Start.",
        "Un email en masse envoie un modèle aux listes cibles d’une campagne, par portions, dès sa date de début.",
    ),
}
