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
    # the page of one
    "mass_emails.not_found_text": (
        "It was deleted, or the address is wrong.",
        "Il a été supprimé, ou l’adresse est erronée.",
    ),
    "mass_emails.frozen": (", version {no}, frozen", ", version {no}, figée"),
    "mass_emails.newer": (
        "The template has a newer version, {newest}. This mass email goes out with version {frozen} until you decide "
        "otherwise.",
        "Le modèle a une version plus récente, {newest}. Cet email en masse part avec la version {frozen} tant que vous "
        "n’en décidez pas autrement.",
    ),
    "mass_emails.look_at_version": ("See what differs", "Voir ce qui change"),
    "mass_emails.no_newer": (
        "There is no newer version to take any more.",
        "Il n’y a plus de version plus récente à prendre.",
    ),
    "mass_emails.version_question": (
        "Send version {newest} instead of {frozen}?",
        "Envoyer la version {newest} à la place de la {frozen} ?",
    ),
    "mass_emails.version_text": (
        "Who was mailed keeps what they got, and its links keep working. Who is not mailed yet, or is sent to again, gets "
        "the newer version.",
        "Qui a déjà reçu l’email garde le sien, et ses liens restent valables. Les autres, et ceux à qui on renvoie, "
        "reçoivent la version plus récente.",
    ),
    "mass_emails.take_version": ("Use version {no}", "Prendre la version {no}"),
    "mass_emails.take_version_for": (
        "Use version {no} for {count} person || Use version {no} for {count} people",
        "Prendre la version {no} pour {count} personne || Prendre la version {no} pour {count} personnes",
    ),
    "mass_emails.keep_version": ("Keep version {no}", "Garder la version {no}"),
    "mass_emails.version_taken": (
        "Version {no} goes out from now on, to whoever is not mailed yet",
        "La version {no} part désormais, à qui n’a pas encore reçu l’email",
    ),
    "mass_emails.read_by": ("As read by", "Telle que la lit"),
    "mass_emails.differences": ("What differs in the text", "Ce qui change dans le texte"),
    "mass_emails.only_looks": (
        "The words are the same: what differs is the look, or where a link leads.",
        "Les mots sont les mêmes : seul change l’aspect, ou la destination d’un lien.",
    ),
    "mass_emails.versions": ("Versions that went out", "Versions envoyées"),
    "mass_emails.version_no": ("Version {no}", "Version {no}"),
    "mass_emails.version_now": ("goes out now", "part maintenant"),
    "mass_emails.version_since": ("since {at}, by {by}", "depuis le {at}, par {by}"),
    "mass_emails.version_first": ("from the start", "depuis le début"),
    "mass_emails.got_it": (
        "{count} person got it || {count} people got it",
        "{count} personne l’a reçue || {count} personnes l’ont reçue",
    ),
    "mass_emails.undone": (
        "“{name}” is a Draft again: nobody got it, {count} person left the queue || “{name}” is a Draft again: nobody got "
        "it, {count} people left the queue",
        "« {name} » redevient un brouillon : personne ne l’a reçu, {count} personne quitte la file || « {name} » "
        "redevient un brouillon : personne ne l’a reçu, {count} personnes quittent la file",
    ),
    "mass_emails.had_it": (
        "{count} person has it already. || {count} people have it already.",
        "{count} personne l’a déjà reçu. || {count} personnes l’ont déjà reçu.",
    ),
    "mass_emails.may_have_it": (
        "{count} person more may have it. || {count} people more may have it.",
        "{count} personne de plus l’a peut-être. || {count} personnes de plus l’ont peut-être.",
    ),
    "mass_emails.may_have": ("People who may have it (uncertain)", "Personnes qui l’ont peut-être (incertain)"),
    "mass_emails.then_list": (
        "Then create a target list of those who have it",
        "Créer ensuite une liste cible de ceux qui l’ont",
    ),
    "mass_emails.again_question": (
        "Send again to {count} person? || Send again to {count} people?",
        "Renvoyer à {count} personne ? || Renvoyer à {count} personnes ?",
    ),
    "mass_emails.again_text": (
        "Whoever is uncertain may have it already, and would then get it twice.",
        "Qui est incertain l’a peut-être déjà, et le recevrait alors deux fois.",
    ),
    "mass_emails.sent_question": (
        "Count {count} person as sent? || Count {count} people as sent?",
        "Compter {count} personne comme envoyée ? || Compter {count} personnes comme envoyées ?",
    ),
    "mass_emails.sent_text": (
        "They are not mailed again, and stand in the statistics.",
        "L’email ne leur est pas renvoyé, et elles entrent dans les statistiques.",
    ),
    "mass_emails.leave_question": (
        "Leave out {count} person? || Leave out {count} people?",
        "Écarter {count} personne ? || Écarter {count} personnes ?",
    ),
    "mass_emails.leave_text": (
        "They are not mailed again. What the server said stays in the log.",
        "L’email ne leur est pas renvoyé. La réponse du serveur reste dans le log.",
    ),
    "mass_emails.in_": ("in", "dans"),
    "mass_emails.if_now": ("if they were chosen now", "si le choix se faisait maintenant"),
    "mass_emails.will_receive": ("Will receive", "Recevront"),
    "mass_emails.finishes": ("Finishes about", "Fin vers"),
    "mass_emails.next_portion": ("Next portion", "Prochaine portion"),
    "mass_emails.pace": ("Pace", "Cadence"),
    "mass_emails.per_hour": ("{count} / h || {count} / h", "{count} / h || {count} / h"),
    "mass_emails.portions": (
        "portions: {done} done, {count} to go || portions: {done} done, {count} to go",
        "portions : {done} faites, reste {count} || portions : {done} faites, reste {count}",
    ),
    "mass_emails.portion_no": ("portion {no}", "portion {no}"),
    "mass_emails.last_portion": ("portion {no} · {at}", "portion {no} · {at}"),
    "mass_emails.sum.sent": ("Sent", "Envoyés"),
    "mass_emails.sum.skipped": ("Left out at sending", "Écartés à l’envoi"),
    "mass_emails.sum.failed": ("Failed", "Échecs"),
    "mass_emails.sum.uncertain": ("Uncertain", "Incertains"),
    "mass_emails.sum.waiting": ("Not yet sent", "Pas encore envoyés"),
    "mass_emails.sum.cancelled": ("Cancelled", "Annulés"),
    # who gets it
    "mass_emails.left_out_share": ("Left out, by reason ({share})", "Écartés, par raison ({share})"),
    "mass_emails.kept": (
        "Every person left out is kept with the reason.",
        "Chaque personne écartée est conservée avec la raison.",
    ),
    "mass_emails.counted_now": (
        "Counted for this moment. The people are chosen at Date Start.",
        "Compté pour cet instant. Les personnes sont choisies à la date de début.",
    ),
    "mass_emails.left_out.all": ("Left out", "Écartés"),
    "mass_emails.left_out.none": ("Will receive", "Recevront"),
    "mass_emails.left_out.archived": ("Left out: archived", "Écartés : archivés"),
    "mass_emails.left_out.no_address": ("Left out: no address", "Écartés : sans adresse"),
    "mass_emails.left_out.suppressed": ("Left out: suppressed", "Écartés : adresse bloquée"),
    "mass_emails.left_out.excluded": ("Left out: excluded", "Écartés : exclus"),
    "mass_emails.left_out.opted_out_entirely": ("Left out: opted out of everything", "Écartés : désinscrits de tout"),
    "mass_emails.left_out.opted_out": ("Left out: opted out", "Écartés : désinscrits"),
    "mass_emails.left_out.duplicate": ("Left out: duplicates", "Écartés : doublons"),
    "mass_emails.nobody": ("Nobody", "Personne"),
    "mass_emails.reason": ("Reason", "Raison"),
    "mass_emails.recipient": ("Recipient", "Destinataire"),
    "mass_emails.address": ("Address", "Adresse"),
    "mass_emails.kind": ("Kind", "Type"),
    # to decide
    "mass_emails.to_decide": ("To decide", "À décider"),
    "mass_emails.which.all": ("All {number}", "Tous {number}"),
    "mass_emails.which.uncertain": ("Uncertain {number}", "Incertains {number}"),
    "mass_emails.which.failed": ("Failed {number}", "Échecs {number}"),
    "mass_emails.state": ("State", "État"),
    "mass_emails.why": ("Why", "Pourquoi"),
    "mass_emails.when": ("When", "Quand"),
    "mass_emails.count_as_sent": ("Count as sent", "Compter comme envoyés"),
    "mass_emails.send_again": ("Send again", "Renvoyer"),
    "mass_emails.leave_out": ("Leave out", "Écarter"),
    "mass_emails.select_all": (
        "Select all {count} || Select all {count}",
        "Tout sélectionner ({count}) || Tout sélectionner ({count})",
    ),
    "mass_emails.all_in_log": (
        "All {count} in the log || All {count} in the log",
        "Les {count} dans le log || Les {count} dans le log",
    ),
    "mass_emails.uncertain_means": (
        "Uncertain means: the server may have accepted it. Nothing is sent again until you decide.",
        "Incertain signifie : le serveur l’a peut-être accepté. Rien n’est renvoyé sans votre décision.",
    ),
    "mass_emails.counted_as_sent": (
        "{count} counted as sent || {count} counted as sent",
        "{count} compté comme envoyé || {count} comptés comme envoyés",
    ),
    "mass_emails.sent_again": (
        "{count} waits for the next portion || {count} wait for the next portion",
        "{count} attend la prochaine portion || {count} attendent la prochaine portion",
    ),
    "mass_emails.were_left_out": ("{count} left out || {count} left out", "{count} écarté || {count} écartés"),
    "mass_emails.changed_addresses": (
        "{count} person was left out because the address changed. || {count} people were left out because their address changed.",
        "{count} personne a été écartée car son adresse a changé. || {count} personnes ont été écartées car leur adresse a changé.",
    ),
    "mass_emails.queue_again": ("Queue again", "Remettre en file"),
    "mass_emails.queued_again": (
        "{count} person waits again, at the new address || {count} people wait again, at their new address",
        "{count} personne attend de nouveau, à sa nouvelle adresse || {count} personnes attendent de nouveau, à leur nouvelle adresse",
    ),
    # the planner
    "mass_emails.planner": ("Portion planner", "Planificateur de portions"),
    "mass_emails.from_next_portion": ("changes apply from the next portion", "valable dès la prochaine portion"),
    "mass_emails.portion_size": ("Portion size", "Taille de la portion"),
    "mass_emails.hourly_limit": ("Hourly limit of the account", "Limite horaire du compte"),
    "mass_emails.unit_people": ("people", "personnes"),
    "mass_emails.unit_hour": ("per hour", "par heure"),
    "mass_emails.used": (
        "{count} used in the last 60 min || {count} used in the last 60 min",
        "{count} utilisé ces 60 dernières min || {count} utilisés ces 60 dernières min",
    ),
    "mass_emails.limit_of_account": ("The account’s own limit", "Limite propre au compte"),
    "mass_emails.plan_saved": (
        "Saved: the next portion goes by it",
        "Enregistré : la prochaine portion en tient compte",
    ),
    "mass_emails.time": ("Time", "Heure"),
    "mass_emails.real": ("Real", "Réel"),
    "mass_emails.plan": ("Plan", "Prévu"),
    "mass_emails.sent_in_total": ("Sent in total", "Envoyés au total"),
    "mass_emails.no_end": ("No end in sight with these limits.", "Aucune fin en vue avec ces limites."),
    "mass_emails.plan_sentence": (
        "{count} portion to go, done about {at}, {limited}. || {count} portions to go, done about {at}, {limited}.",
        "Reste {count} portion, fin vers {at}, {limited}. || Reste {count} portions, fin vers {at}, {limited}.",
    ),
    "mass_emails.better": (
        "A portion of {size} would use the whole hourly limit and finish about {at}.",
        "Une portion de {size} utiliserait toute la limite horaire et finirait vers {at}.",
    ),
    # preview and tests
    "mass_emails.preview": ("Preview", "Aperçu"),
    "mass_emails.way.desktop": ("Desktop", "Ordinateur"),
    "mass_emails.way.phone": ("Phone", "Téléphone"),
    "mass_emails.way.dark": ("Dark", "Sombre"),
    "mass_emails.way.text": ("Text", "Texte"),
    "mass_emails.subject": ("Subject", "Objet"),
    "mass_emails.from": ("From", "De"),
    "mass_emails.place": ("{place} / {total}", "{place} / {total}"),
    "mass_emails.previous_person": ("Previous person", "Personne précédente"),
    "mass_emails.next_person": ("Next person", "Personne suivante"),
    "mass_emails.nobody_to_show": (
        "Nobody would get it yet: choose target lists with people to see it as one of them.",
        "Personne ne le recevrait encore : choisir des listes cibles avec des personnes pour le voir comme l’une d’elles.",
    ),
    "mass_emails.tests": ("Tests so far", "Tests jusqu’ici"),
    "mass_emails.tests_text": ("in no statistics", "dans aucune statistique"),
    "mass_emails.result": ("Result", "Résultat"),
    "mass_emails.version": ("Version", "Version"),
    "mass_emails.by": ("By", "Par"),
    "mass_emails.newest_of": ("The newest 10 of {total}", "Les 10 derniers sur {total}"),
    "mass_emails.plan_if_started": (
        "Started as it is: {count} portion, done about {at}, {limited}. || Started as it is: {count} portions, done about {at}, {limited}.",
        "Démarré ainsi : {count} portion, fin vers {at}, {limited}. || Démarré ainsi : {count} portions, fin vers {at}, {limited}.",
    ),
    "mass_emails.plan_if_resumed": (
        "Resumed now: {count} portion to go, done about {at}, {limited}. || Resumed now: {count} portions to go, done about {at}, {limited}.",
        "Repris maintenant : reste {count} portion, fin vers {at}, {limited}. || Repris maintenant : reste {count} portions, fin vers {at}, {limited}.",
    ),
    "mass_emails.sent_so_far": (
        "{count} sent so far. || {count} sent so far.",
        "{count} envoyé jusqu’ici. || {count} envoyés jusqu’ici.",
    ),
}
