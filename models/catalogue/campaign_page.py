"""The campaign's page: results, what is being sent, activity, log, links."""

WORDS = {
    "campaign_page.missing": ("This campaign is not here", "Cette campagne n’est pas ici"),
    "campaign_page.missing_text": (
        "It was deleted, or the address is not complete.",
        "Elle a été supprimée, ou l’adresse est incomplète.",
    ),
    "campaign_page.all": ("All campaigns", "Toutes les campagnes"),
    # header
    "campaign_page.lists": (
        "{count} target list || {count} target lists",
        "{count} liste cible || {count} listes cibles",
    ),
    "campaign_page.no_list": ("no target list", "aucune liste cible"),
    "campaign_page.excluded": ("{count} excluded || {count} excluded", "{count} exclue || {count} exclues"),
    "campaign_page.mass_emails": (
        "{count} mass email || {count} mass emails",
        "{count} email en masse || {count} emails en masse",
    ),
    "campaign_page.in_process": (
        "{count} of {whole} mass emails in process || {count} of {whole} mass emails in process",
        "{count} email en masse sur {whole} en cours || {count} emails en masse sur {whole} en cours",
    ),
    "campaign_page.create_list": ("Create target list", "Créer une liste cible"),
    "campaign_page.delete": ("Delete campaign", "Supprimer la campagne"),
    # tabs
    "campaign_page.tabs": ("Parts of the campaign", "Parties de la campagne"),
    "campaign_page.tab.results": ("Results", "Résultats"),
    "campaign_page.tab.mass_emails": ("Mass Emails", "Emails en masse"),
    "campaign_page.tab.audience": ("Audience", "Audience"),
    "campaign_page.tab.log": ("Log", "Log"),
    "campaign_page.tab.tracking_urls": ("Tracking URLs", "Liens de traçage"),
    # what is under way
    "campaign_page.done_of": ("{part} of {whole} · {percent}", "{part} sur {whole} · {percent}"),
    "campaign_page.progress_of": ("Progress of {name}", "Progression de {name}"),
    "campaign_page.portion": ("Portion {done} of {count} done", "Portion {done} sur {count} faite"),
    "campaign_page.next_in": ("next portion in", "prochaine portion dans"),
    "campaign_page.start_in": ("Date Start in", "Date de début dans"),
    "campaign_page.at": ("at {time}", "à {time}"),
    "campaign_page.finishes": ("finishes about {time}", "fin vers {time}"),
    "campaign_page.sending": ("A portion is being sent", "Une portion est en cours d’envoi"),
    "campaign_page.not_yet": ("{count} not yet sent", "pas encore envoyés : {count}"),
    "campaign_page.decide": (
        "{count} uncertain, decide || {count} uncertain, decide",
        "{count} incertain à décider || {count} incertains à décider",
    ),
    # figures
    "campaign_page.sent": ("Sent", "Envoyés"),
    "campaign_page.opened": ("Opened", "Ouverts"),
    "campaign_page.clicked": ("Clicked", "Cliqués"),
    "campaign_page.opted_out": ("Opted Out", "Désinscrits"),
    "campaign_page.replied": ("Replied", "Réponses"),
    "campaign_page.bounced": ("Bounced", "Retournés"),
    "campaign_page.complained": ("Complained", "Plaintes"),
    "campaign_page.failed": ("Failed", "Échecs"),
    "campaign_page.of_audience": ("of {whole}", "sur {whole}"),
    "campaign_page.not_tracked": ("not tracked", "non suivi"),
    "campaign_page.not_tracked_text": (
        "An Informational Email has no tracking and no opt-out link: opens, clicks and opt-outs are not known.",
        "Un email d’information n’est pas suivi et n’a pas de lien de désinscription : ouvertures, clics et "
        "désinscriptions restent inconnus.",
    ),
    # activity
    "campaign_page.activity": ("Activity", "Activité"),
    "campaign_page.today": ("Today", "Aujourd’hui"),
    "campaign_page.all_time": ("All time", "Depuis le début"),
    "campaign_page.sent_per_slot": ("Sent per 10 minutes", "Envoyés par 10 minutes"),
    "campaign_page.sent_per_hour": ("Sent per hour", "Envoyés par heure"),
    "campaign_page.people_per_slot": ("People per 10 minutes", "Personnes par 10 minutes"),
    "campaign_page.people_per_hour": ("People per hour", "Personnes par heure"),
    "campaign_page.back_per_slot": ("What came back per 10 minutes", "Retours par 10 minutes"),
    "campaign_page.back_per_hour": ("What came back per hour", "Retours par heure"),
    "campaign_page.planned": ("Planned portion", "Portion prévue"),
    "campaign_page.planned_until": (
        "{count} planned, until {time} || {count} planned, until {time}",
        "{count} prévue, jusqu’à {time} || {count} prévues, jusqu’à {time}",
    ),
    "campaign_page.activity_said": (
        "From {start} to {end}: {sent} sent, {opened} opened, {clicked} clicked.",
        "De {start} à {end} : {sent} envoyés, {opened} ouverts, {clicked} cliqués.",
    ),
    "campaign_page.answers_said": (
        "From {start} to {end}: {replied} replied, {opted_out} opted out, {bounced} bounced, {complained} complained.",
        "De {start} à {end} : {replied} réponses, {opted_out} désinscrits, {bounced} retournés, {complained} plaintes.",
    ),
    "campaign_page.no_activity": ("Nothing happened yet", "Rien ne s’est encore passé"),
    "campaign_page.no_activity_today": ("Nothing happened today", "Rien aujourd’hui"),
    "campaign_page.no_activity_text": (
        "What is sent, opened and clicked is drawn here, as it happens.",
        "Les envois, ouvertures et clics se dessinent ici au fur et à mesure.",
    ),
    "campaign_page.time": ("Time", "Heure"),
    # providers
    "campaign_page.providers": ("Mailbox providers", "Messageries"),
    "campaign_page.percent_of_sent": ("percent of sent", "en % des envoyés"),
    "campaign_page.provider": ("Provider", "Messagerie"),
    "campaign_page.others": ("Others", "Autres"),
    "campaign_page.all_providers": ("All", "Toutes"),
    "campaign_page.too_many_bounces": (
        "{provider} returns {percent}, above the limit of {limit}.",
        "{provider} en retourne {percent}, la limite est de {limit}.",
    ),
    "campaign_page.see_people": (
        "See the {count} person || See the {count} people",
        "Voir la personne || Voir les {count} personnes",
    ),
    # mass emails
    "campaign_page.mass_email": ("Mass Email", "Email en masse"),
    "campaign_page.name": ("Name", "Nom"),
    "campaign_page.status": ("Status", "Statut"),
    "campaign_page.start_at": ("Date Start", "Date de début"),
    "campaign_page.template": ("Email Template", "Modèle d’email"),
    "campaign_page.progress": ("Progress", "Progression"),
    "campaign_page.no_mass_email": ("No mass email yet", "Pas encore d’email en masse"),
    "campaign_page.no_mass_email_text": (
        "A mass email sends one email template to the target lists of this campaign. Create it as a Draft, send yourself "
        "a test, then start it.",
        "Un email en masse envoie un modèle d’email aux listes cibles de la campagne. Le créer en brouillon, s’envoyer "
        "un test, puis le démarrer.",
    ),
    "campaign_page.no_list_text": (
        "A mass email sends one email template to target lists. This campaign has none yet: choose one, or import people.",
        "Un email en masse envoie un modèle d’email à des listes cibles. La campagne n’en a pas encore : en choisir une, "
        "ou importer des personnes.",
    ),
    "campaign_page.choose_lists": ("Choose target lists", "Choisir des listes cibles"),
    "campaign_page.no_mailing": (
        "A campaign of type {type} has no mass emails.",
        "Une campagne de type {type} n’a pas d’emails en masse.",
    ),
    "campaign_page.no_mailing_text": (
        "It keeps dates, budget and notes of what you do elsewhere. Email, Newsletter and Informational Email are sent "
        "from here.",
        "Elle garde les dates, le budget et les notes de ce qui se fait ailleurs. Email, Newsletter et Email "
        "d’information s’envoient d’ici.",
    ),
    # log
    "campaign_page.log": ("Log", "Log"),
    "campaign_page.last_events": (
        "last {count} event || last {count} events",
        "{count} dernier événement || {count} derniers événements",
    ),
    "campaign_page.log_menu": ("More about the log", "Plus sur le log"),
    "campaign_page.create_list_dots": ("Create target list…", "Créer une liste cible…"),
    "campaign_page.open_log": ("Open the log", "Ouvrir le log"),
    "campaign_page.no_event": ("Nothing in the log yet", "Rien encore dans le log"),
    "campaign_page.no_event_text": (
        "Each message sent, opened, clicked or returned is written here at once.",
        "Chaque message envoyé, ouvert, cliqué ou retourné s’inscrit ici aussitôt.",
    ),
    # links
    "campaign_page.links": ("Links", "Liens"),
    "campaign_page.links_of": (
        "people, percent of the {count} who clicked || people, percent of the {count} who clicked",
        "personnes, en % de {count} personne qui a cliqué || personnes, en % des {count} qui ont cliqué",
    ),
    "campaign_page.tracking_url": ("Tracking URL", "Lien de traçage"),
    "campaign_page.leads_to": ("Leads to", "Mène à"),
    "campaign_page.code": ("Code", "Code"),
    "campaign_page.automatic": ("automatic", "automatique"),
    "campaign_page.share": ("Share", "Part"),
    "campaign_page.people": ("People", "Personnes"),
    "campaign_page.see_in_log": ("See in the log", "Voir dans le log"),
    "campaign_page.create_tracking_url": ("Create Tracking URL", "Créer un lien de traçage"),
    "campaign_page.no_link": ("No links yet", "Pas encore de lien"),
    "campaign_page.no_link_text": (
        "A tracking URL gives a code to paste into the email template. Links of a mass email come by themselves.",
        "Un lien de traçage donne un code à coller dans le modèle d’email. Les liens d’un email en masse viennent d’eux-mêmes.",
    ),
    # audience and details
    "campaign_page.who_gets_it": ("Who gets it", "Qui le reçoit"),
    "campaign_page.who_text": (
        "All mass emails together; a person of two of them counts twice.",
        "Tous les emails en masse ensemble ; une personne de deux envois compte deux fois.",
    ),
    "campaign_page.members": ("Members of the target lists", "Membres des listes cibles"),
    "campaign_page.left_out": ("Left out, by reason", "Écartés, par raison"),
    "campaign_page.receive": ("Will receive, or have received", "Recevront ou ont reçu"),
    "campaign_page.no_audience": ("Nobody is chosen yet", "Personne n’est encore choisi"),
    "campaign_page.no_audience_text": (
        "The audience is chosen at Date Start. The page of a mass email shows before who would get it.",
        "L’audience est choisie à la date de début. La page d’un email en masse montre d’avance qui le recevrait.",
    ),
    "campaign_page.details": ("Details", "Détails"),
    "campaign_page.none": ("none", "aucune"),
    "campaign_page.created": ("Created", "Créée"),
}
