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
}
