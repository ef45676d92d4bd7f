"""What the command says."""

WORDS = {
    "cli.build.first": (
        "Building the page. The first time its packages are fetched: about a minute.",
        "Construction de la page. La première fois, ses paquets sont téléchargés : environ une minute.",
    ),
    "cli.build.start": (
        "The page's sources have changed: building it, about a minute.",
        "Les sources de la page ont changé : construction, environ une minute.",
    ),
    "cli.build.done": ("The page is built ({seconds} s).", "La page est construite ({seconds} s)."),
    "cli.build.current": ("The page is up to date.", "La page est à jour."),
    "cli.build.failed": (
        "The page could not be built, the former one stays: see {log}.",
        "La page n’a pas pu être construite, la précédente reste : voir {log}.",
    ),
    "cli.build.read_only": (
        "The page is built and served in {directory}, which cannot be written: {reply}. Change its owner, or take a copy that is yours.",
        "La page est construite et servie dans {directory}, qui n’est pas accessible en écriture\u00a0: {reply}. Changer son propriétaire, ou prendre une copie à vous.",
    ),
    "cli.migrate.done": ("The schema is now at {revision}.", "Le schéma est maintenant à {revision}."),
    "cli.migrate.current": ("The schema is at {revision} already.", "Le schéma est déjà à {revision}."),
    "cli.check.done": (
        "{count} figure differs from the log. || {count} figures differ from the log.",
        "{count} chiffre diffère du journal. || {count} chiffres diffèrent du journal.",
    ),
    "cli.start.port_taken": (
        "Port {port} is taken: end the other program, or choose another port (PORT=3001 make run, or --port 3001).",
        "Le port {port} est occupé : arrêter l’autre programme, ou choisir un autre port (PORT=3001 make run, ou --port 3001).",
    ),
    "cli.start.port_forbidden": (
        "Port {port} needs more rights than this user has: choose one above 1023.",
        "Le port {port} demande plus de droits que n’en a cet utilisateur : en choisir un au-dessus de 1023.",
    ),
    "cli.start.no_address": (
        "Cannot listen on {host}, port {port}: {reply}.",
        "Impossible d’écouter sur {host}, port {port} : {reply}.",
    ),
    "cli.start.data_read_only": (
        "The data directory {directory} cannot be written: {reply}. Change its owner, or set ENVOI_DATA_DIR.",
        "Le répertoire de données {directory} n’est pas accessible en écriture : {reply}. Changer son propriétaire, ou définir ENVOI_DATA_DIR.",
    ),
    "cli.serve.at": ("Envoi is at {url}", "Envoi est à l’adresse {url}"),
    "cli.serve.public": (
        "What recipients reach is at {url}: /o /c /u /p /v /hooks",
        "Ce que les destinataires atteignent est à l’adresse {url} : /o /c /u /p /v /hooks",
    ),
    "cli.serve.first_start": (
        "First start: open this link to make your account (works once, for 24 hours):\n\n    {url}\n",
        "Premier démarrage : ouvrir ce lien pour créer votre compte (utilisable une fois, pendant 24 heures) :\n\n    {url}\n",
    ),
    "cli.serve.waiting": (
        "Stopping: no new message begins, answers are awaited.",
        "Arrêt : aucun nouveau message ne part, les réponses sont attendues.",
    ),
    "cli.serve.ended": ("Envoi has ended.", "Envoi est arrêté."),
    "cli.serve.worker_died": (
        "The worker ended by itself (status {code}); it starts again in {count} second. || The worker ended by itself (status {code}); it starts again in {count} seconds.",
        "Le processus d’envoi s’est arrêté de lui-même (code {code}) ; il redémarre dans {count} seconde. || Le processus d’envoi s’est arrêté de lui-même (code {code}) ; il redémarre dans {count} secondes.",
    ),
    "cli.user.link": (
        "Open this link to choose the password of {email} (works once, for 24 hours):",
        "Ouvrir ce lien pour choisir le mot de passe de {email} (utilisable une fois, pendant 24 heures) :",
    ),
    "cli.doctor.good": ("Nothing keeps mail from being sent.", "Rien n’empêche l’envoi."),
    "cli.doctor.bad": (
        "Something keeps mail from being sent: see above.",
        "Quelque chose empêche l’envoi : voir ci-dessus.",
    ),
    "cli.job.now": ("{name}: {state}, {words}.", "{name} : {state}, {words}."),
    "cli.smtp_account.line": ("{name}: {host}:{port}, {tls}", "{name} : {host}:{port}, {tls}"),
    "cli.smtp_account.default": ("{name}: {host}:{port}, {tls}, default", "{name} : {host}:{port}, {tls}, par défaut"),
    "cli.smtp_account.works": (
        "{name}: connected, secured and signed in.",
        "{name} : connexion, chiffrement et identification réussis.",
    ),
    "cli.smtp_account.fails": ("{name}: {step} failed: {words}", "{name} : échec à l’étape {step} : {words}"),
    "cli.smtp_account.dkim": (
        "Publish this TXT record:\n{name}\n{value}",
        "Publier cet enregistrement TXT :\n{name}\n{value}",
    ),
    "cli.smtp_account.no_dkim": ("{name} does not sign.", "{name} ne signe pas."),
    "cli.smtp_account.sender": (
        '“{typed}” has no address: write "Name <address>".',
        '« {typed} » ne contient pas d’adresse : écrire "Nom <adresse>".',
    ),
    "cli.mass_email.now": ("{name}: {status}.", "{name} : {status}."),
    "cli.mass_email.cancelled": (
        "Cancelled: {count} person does not get it. || Cancelled: {count} people do not get it.",
        "Annulé : {count} personne ne le reçoit pas. || Annulé : {count} personnes ne le reçoivent pas.",
    ),
    "cli.mass_email.undone": (
        "Draft again: nobody got it, {count} person left the queue. || Draft again: nobody got it, {count} people left the queue.",
        "De nouveau un brouillon : personne ne l’a reçu, {count} personne quitte la file. || "
        "De nouveau un brouillon : personne ne l’a reçu, {count} personnes quittent la file.",
    ),
    "cli.mass_email.decided": (
        "Decided about {count} person. || Decided about {count} people.",
        "Décidé pour {count} personne. || Décidé pour {count} personnes.",
    ),
    "cli.mass_email.queued_again": (
        "{count} person waits again, at the new address. || {count} people wait again, at their new address.",
        "{count} personne attend de nouveau, à sa nouvelle adresse. || "
        "{count} personnes attendent de nouveau, à leur nouvelle adresse.",
    ),
    "cli.mass_email.offered": (
        "Version {no} is there, saved by {by}; version {frozen} goes out. Take it with --take {no}.",
        "La version {no} existe, enregistrée par {by} ; la version {frozen} part. La prendre avec --take {no}.",
    ),
    "cli.mass_email.no_newer": ("There is no newer version to take.", "Aucune version plus récente à prendre."),
    "cli.mass_email.taken": (
        "Version {no} goes out from now on, to whoever is not mailed yet.",
        "La version {no} part désormais, à qui n’a pas encore reçu l’email.",
    ),
    "cli.mass_email.whom": (
        "Say which: --uncertain, --failed, or --address.",
        "Préciser lesquels : --uncertain, --failed ou --address.",
    ),
    "cli.mass_email.version": (
        "version {no}: {count} person got it || version {no}: {count} people got it",
        "version {no} : {count} personne l’a reçue || version {no} : {count} personnes l’ont reçue",
    ),
    "cli.mass_email.again": (
        "{count} message is sent again. || {count} messages are sent again.",
        "{count} message est renvoyé. || {count} messages sont renvoyés.",
    ),
    "cli.machine_rule.one": (
        "Name one: --network or --agent.",
        "N’en nommer qu’un : --network ou --agent.",
    ),
    "cli.import.read": (
        "{count} row, read as {encoding}. || {count} rows, read as {encoding}.",
        "{count} ligne, lue en {encoding}. || {count} lignes, lues en {encoding}.",
    ),
    "cli.import.done": (
        "New: {new}, updated: {updated}, unchanged: {unchanged}, with a problem and left out: {problems}.",
        "Nouveaux : {new}, modifiés : {updated}, inchangés : {unchanged}, en erreur et écartés : {problems}.",
    ),
    "cli.import.would": (
        "Would be new: {new}, updated: {updated}, unchanged: {unchanged}, left out with a problem: {problems}. Nothing was written.",
        "Seraient nouveaux : {new}, modifiés : {updated}, inchangés : {unchanged}, écartés pour erreur : {problems}. Rien n’a été écrit.",
    ),
    "cli.import.no_column": (
        "There is no column “{column}”; the file has: {columns}.",
        "Pas de colonne « {column} » ; le fichier contient : {columns}.",
    ),
    "cli.send.pending": ("{name} is Pending (mass email {id}).", "{name} est en attente (email en masse {id})."),
    "cli.send.not_utf8": ("{file} is not UTF-8.", "{file} n’est pas en UTF-8."),
    "cli.send.not_a_moment": (
        "“{typed}” is no moment of ISO 8601, e.g. 2026-09-08T08:30:00+02:00.",
        "« {typed} » n’est pas une date ISO 8601, par exemple 2026-09-08T08:30:00+02:00.",
    ),
    "cli.send.no_zone": (
        "“{typed}” names no zone: add Z or +02:00.",
        "« {typed} » n’indique pas de fuseau : ajouter Z ou +02:00.",
    ),
}
