"""Words of the overview."""

WORDS = {
    "overview.title": ("Overview", "Vue d’ensemble"),
    "overview.create_campaign": ("Create campaign", "Créer une campagne"),
    # being sent now
    "overview.now": ("Being sent now", "En cours d’envoi"),
    "overview.all_mass_emails": ("All mass emails", "Tous les emails en masse"),
    "overview.nothing_now": ("Nothing is being sent", "Aucun envoi en cours"),
    "overview.nothing_now_text": (
        "A mass email that is Pending, In Process or Paused stands here with its progress.",
        "Un email en masse en attente, en cours ou en pause figure ici avec sa progression.",
    ),
    "overview.progress_of": ("Progress of {name}", "Progression de {name}"),
    "overview.finishes": ("finishes about", "fin vers"),
    "overview.starts": ("starts", "début"),
    "overview.not_yet": (
        "{count} not yet sent || {count} not yet sent",
        "{count} pas encore envoyé || {count} pas encore envoyés",
    ),
    "overview.part_of": (" of {whole} · {percent}", " sur {whole} · {percent}"),
    "overview.portion": ("Portion {done} of {planned}", "Portion {done} sur {planned}"),
    "overview.portion_next": (
        "Portion {done} of {planned} · next at {at}",
        "Portion {done} sur {planned} · prochaine à {at}",
    ),
    "overview.not_queued": ("The queue is built at the start.", "La file est constituée au début."),
    # needs you
    "overview.needs": ("Needs you", "À traiter"),
    "overview.needs_nothing": ("Nothing needs you.", "Rien à traiter."),
    "overview.decide": ("Decide", "Décider"),
    "overview.uncertain": (
        "{count} uncertain to decide || {count} uncertain to decide",
        "{count} incertain à décider || {count} incertains à décider",
    ),
    "overview.uncertain_and_failed": (
        "{uncertain} uncertain, {failed} failed to decide",
        "{uncertain} incertains, {failed} échecs à décider",
    ),
    "overview.failed": (
        "{count} failed, to try again or leave || {count} failed, to try again or leave",
        "{count} échec, à renvoyer ou à laisser || {count} échecs, à renvoyer ou à laisser",
    ),
    "overview.too_many.complained": (
        "{percent} of sent complained; Gmail and Yahoo bear less than {limit}",
        "{percent} de plaintes parmi les envoyés ; Gmail et Yahoo en tolèrent moins de {limit}",
    ),
    "overview.too_many.bounced": (
        "{percent} of sent + refused bounced, above the limit of {limit}",
        "{percent} de retours parmi les envoyés + refusés, au-dessus de la limite de {limit}",
    ),
    "overview.see_people": (
        "See the {count} person || See the {count} people",
        "Voir la personne || Voir les {count} personnes",
    ),
    "overview.paused": ("A mass email is paused", "Un email en masse est en pause"),
    "overview.stopped": ("A mass email failed", "Un email en masse est en échec"),
    "overview.name_and": ("{name} · {what}", "{name} · {what}"),
    "overview.people_wait": (
        "{count} person waits || {count} people wait",
        "{count} personne attend || {count} personnes attendent",
    ),
    # the last 30 days
    "overview.month": ("Last 30 days", "30 derniers jours"),
    "overview.sent": ("Sent", "Envoyés"),
    "overview.opened": ("Opened", "Ouverts"),
    "overview.clicked": ("Clicked", "Cliqués"),
    "overview.opted_out": ("Opted Out", "Désinscrits"),
    "overview.bounced": ("Bounced", "Retournés"),
    "overview.complained": ("Complained", "Plaintes"),
    "overview.mass_emails": (
        "{count} mass email || {count} mass emails",
        "{count} email en masse || {count} emails en masse",
    ),
    "overview.of_tracked": ("{percent} of tracked", "{percent} des suivis"),
    "overview.of_sent": ("{percent} of sent", "{percent} des envoyés"),
    "overview.of_handed_over": ("{percent} of sent + refused", "{percent} des envoyés + refusés"),
    "overview.per_day": ("Sent per day", "Envoyés par jour"),
    "overview.day": ("Day", "Jour"),
    "overview.today": ("today", "aujourd’hui"),
    "overview.most": ("at most {count} on one day", "au plus {count} en un jour"),
    "overview.as_table": ("As a table", "En tableau"),
    # last results
    "overview.results": ("Last results", "Derniers résultats"),
    "overview.all_campaigns": ("All campaigns", "Toutes les campagnes"),
    "overview.mass_email": ("Mass Email", "Email en masse"),
    "overview.finished": ("Finished", "Terminé"),
    "overview.no_results": ("No mass email is Complete yet.", "Aucun email en masse terminé pour l’instant."),
    "overview.not_tracked": ("not tracked", "non suivi"),
    # health
    "overview.health": ("Health", "Santé"),
    "overview.check.scheduler": ("Scheduler", "Planificateur"),
    "overview.check.site_url": ("Site URL", "URL du site"),
    "overview.check.database": ("Database", "Base de données"),
    "overview.check.queue": ("Queue", "File d’attente"),
    "overview.check.smtp_account": ("SMTP Account", "Compte SMTP"),
    # the beginning
    "overview.first": ("First steps", "Pour commencer"),
    "overview.first_text": (
        "Nothing leaves this machine until a real SMTP account is set up: mail goes to the built-in catcher.",
        "Rien ne sort de cette machine tant qu’aucun vrai compte SMTP n’est configuré : les emails vont à l’attrape-mails intégré.",
    ),
    "overview.done": ("done", "fait"),
    "overview.step.people": ("Import people", "Importer des personnes"),
    "overview.step.people_text": (
        "Contacts, leads and accounts from a CSV file, each with a name and an address.",
        "Contacts, prospects et comptes depuis un fichier CSV, chacun avec un nom et une adresse.",
    ),
    "overview.step.template": ("Write a template", "Écrire un modèle"),
    "overview.step.template_text": (
        "Subject and text with placeholders such as {Person.firstName}, seen as a real person gets it.",
        "Objet et texte avec des variables comme {Person.firstName}, vus comme une vraie personne les reçoit.",
    ),
    "overview.step.campaign": ("Create a campaign", "Créer une campagne"),
    "overview.step.campaign_text": (
        "It holds target lists, mass emails and their results together.",
        "Elle réunit listes cibles, emails en masse et résultats.",
    ),
    "overview.step.mass_email": ("Create a mass email", "Créer un email en masse"),
    "overview.step.mass_email_text": (
        "Send yourself a test, then choose Date Start: it goes out in portions.",
        "S’envoyer un test, puis choisir le début : l’envoi se fait par portions.",
    ),
    "overview.demo": ("Start with demo data", "Commencer avec des données d’exemple"),
    "overview.demo_text": (
        "A tea house with 1,000 people, a finished campaign and one that is ready to start. It takes some seconds.",
        "Une maison de thé avec 1 000 personnes, une campagne terminée et une autre prête à partir. Quelques secondes suffisent.",
    ),
    "overview.demo_done": ("The demo data is there.", "Les données d’exemple sont là."),
}
