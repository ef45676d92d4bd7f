"""Sentences of the worker, its scheduled jobs, the SMTP accounts, Outbound Emails and the mail catcher."""

WORDS = {
    # Outbound Emails
    "outbound_emails.unknown": ("There is no setting “{name}”.", "Il n’existe pas de réglage « {name} »."),
    "outbound_emails.site_url_unset": (
        "The Site URL is not set: links in mails would lead nowhere.",
        "L’URL du site n’est pas renseignée\u00a0: les liens des emails ne mèneraient nulle part.",
    ),
    "outbound_emails.site_url_local": (
        "The Site URL {url} is local: recipients cannot reach the links in their mails.",
        "L’URL du site {url} est locale\u00a0: les destinataires ne peuvent pas atteindre les liens de leurs emails.",
    ),
    "outbound_emails.site_url_not_https": (
        "The Site URL {url} is not https: one-click unsubscribe is left out, and browsers warn.",
        "L’URL du site {url} n’est pas en https\u00a0: la désinscription en un clic est omise, et les navigateurs avertissent.",
    ),
    "outbound_emails.not_a_site_url": (
        "Enter an address such as https://mail.example.com.",
        "Saisir une adresse comme https://mail.example.com.",
    ),
    "outbound_emails.not_a_color": ("Enter a colour such as #1f5f4a.", "Saisir une couleur comme #1f5f4a."),
    # SMTP accounts
    "smtp_account.none_called": ("There is no SMTP account “{name}”.", "Pas de compte SMTP «\u202f{name}\u202f»."),
    "smtp_account.not_found": ("There is no such SMTP account.", "Ce compte SMTP n’existe pas."),
    "smtp_account.somebody": ("Another administrator", "Un autre administrateur"),
    "smtp_account.no_default": (
        "No SMTP account is the default one. Choose one in Administration > SMTP Accounts.",
        "Aucun compte SMTP par défaut. En choisir un dans Administration > Comptes SMTP.",
    ),
    "smtp_account.confirm_first_real": (
        "From now on mails really leave, through {account} ({host}); so far the mail catcher kept them. {count} person waits to be mailed. Confirm to go on."
        " || "
        "From now on mails really leave, through {account} ({host}); so far the mail catcher kept them. {count} people wait to be mailed. Confirm to go on.",
        "Désormais les emails partiront vraiment, par {account} ({host})\u00a0; jusqu’ici l’attrape-mails les gardait. {count} personne attend un email. Confirmer pour continuer."
        " || "
        "Désormais les emails partiront vraiment, par {account} ({host})\u00a0; jusqu’ici l’attrape-mails les gardait. {count} personnes attendent un email. Confirmer pour continuer.",
    ),
    "smtp_account.catcher_is_fixed": (
        "The mail catcher is built in: it cannot be changed or deleted.",
        "L’attrape-mails est intégré\u00a0: il ne peut être ni modifié ni supprimé.",
    ),
    "smtp_account.default_stays": (
        "This is the default SMTP account. Make another one the default first.",
        "C’est le compte SMTP par défaut. En choisir d’abord un autre par défaut.",
    ),
    "smtp_account.in_use": (
        "{count} unfinished mass email uses this account. || {count} unfinished mass emails use this account.",
        "{count} envoi en masse inachevé utilise ce compte. || {count} envois en masse inachevés utilisent ce compte.",
    ),
    "smtp_account.other_key": (
        "The password cannot be read: the installation’s secret key is not the one it was saved with. Enter it again.",
        "Le mot de passe est illisible\u00a0: la clé secrète de l’installation a changé depuis. Le saisir à nouveau.",
    ),
    "smtp_account.name_taken": ("Another SMTP account has this name.", "Un autre compte SMTP porte ce nom."),
    "smtp_account.password_again": (
        "Another server would get the password that is kept: enter it again.",
        "Un autre serveur recevrait le mot de passe conservé : le saisir de nouveau.",
    ),
    "smtp_account.not_a_host": (
        "Enter a host name such as smtp.example.com.",
        "Saisir un nom de serveur comme smtp.example.com.",
    ),
    "smtp_account.not_a_token_url": (
        "Enter the https address where the provider hands out access tokens.",
        "Saisir l’adresse https où le fournisseur délivre les jetons d’accès.",
    ),
    "smtp_account.not_a_domain": ("Enter a domain such as example.com.", "Saisir un domaine comme example.com."),
    "smtp_account.not_a_selector": (
        "Enter a name such as envoi1: letters, digits and hyphens.",
        "Saisir un nom comme envoi1 : lettres, chiffres et tirets.",
    ),
    "smtp_account.no_key": (
        "Generate a key, or paste a private key.",
        "Générer une clé, ou coller une clé privée.",
    ),
    "smtp_account.not_a_key": (
        "This is not a private key in PEM without a passphrase.",
        "Ce n’est pas une clé privée PEM sans phrase de passe.",
    ),
    "smtp_account.not_a_dkim_key": (
        "DKIM signs with RSA of 1,024 to 4,096 bits, or with Ed25519.",
        "DKIM signe avec RSA de 1 024 à 4 096 bits, ou avec Ed25519.",
    ),
    # Scheduled jobs
    "scheduled_job.send_mass_emails": ("Send Mass Emails", "Envoyer les emails en masse"),
    "scheduled_job.clean_up": ("Clean Up", "Nettoyer"),
    "scheduled_job.none_called": (
        "There is no scheduled job “{name}”.",
        "Pas de tâche planifiée «\u202f{name}\u202f».",
    ),
    "scheduled_job.somebody": ("Another administrator", "Un autre administrateur"),
    "scheduled_job.inactive": ("{job} is Inactive. Activate it first.", "{job} est inactive. L’activer d’abord."),
    "crontab.five_fields": (
        "A crontab has five fields: minute, hour, day, month, weekday. This one has {count}.",
        "Un crontab a cinq champs\u00a0: minute, heure, jour, mois, jour de la semaine. Celui-ci en a {count}.",
    ),
    "crontab.unreadable": ("“{part}” cannot be read.", "« {part} » est illisible."),
    "crontab.unsupported": (
        "“{part}”: ?, L, W and # are of other systems, not of crontab.",
        "« {part} »\u00a0: ?, L, W et # relèvent d’autres systèmes, pas du crontab.",
    ),
    "crontab.step_of_one": (
        "“{part}”: a step needs a range, such as {part_range}.",
        "« {part} »\u00a0: un pas demande un intervalle, comme {part_range}.",
    ),
    "crontab.backwards": ("“{part}” runs backwards.", "« {part} » va à rebours."),
    "crontab.out_of_range": (
        "“{part}”: from {least} to {most}.",
        "« {part} »\u00a0: de {least} à {most}.",
    ),
    "crontab.never": (
        "There is no such day: it would never run.",
        "Ce jour n’existe pas\u00a0: la tâche ne partirait jamais.",
    ),
    # Why a message was refused (what models/catalogue/delivery.py does not say already)
    "delivery.reason.bad_address": ("Not an address", "Adresse incorrecte"),
    "delivery.reason.content": ("Message refused", "Message refusé"),
    "delivery.reason.later": ("Not now", "Pas maintenant"),
    "delivery.reason.sender": ("Sender refused", "Expéditeur refusé"),
    # Why an SMTP account waits
    "smtp_account.trouble.connect": ("no connection", "connexion impossible"),
    "smtp_account.trouble.resolve": ("its name is unknown", "son nom est inconnu"),
    "smtp_account.trouble.certificate": ("certificate refused", "certificat refusé"),
    "smtp_account.trouble.blocked": ("the server blocks us", "le serveur nous bloque"),
    "smtp_account.trouble.closing": ("the server closed the connection", "le serveur a fermé la connexion"),
    "smtp_account.trouble.rate": ("too many messages or connections", "trop de messages ou de connexions"),
    "smtp_account.trouble.login": ("login refused", "identification refusée"),
    "smtp_account.trouble.tls": ("no secure connection", "connexion sécurisée impossible"),
    "smtp_account.trouble.server": ("the server has a problem", "le serveur a un problème"),
    "smtp_account.trouble.sender": ("the sender is refused", "l’expéditeur est refusé"),
    "smtp_account.trouble.relay": ("the server does not pass mail on for us", "le serveur ne relaie pas nos emails"),
    "smtp_account.trouble.protocol": ("the server does not speak SMTP", "le serveur ne parle pas SMTP"),
    "smtp_account.trouble.too_big": (
        "the message is too big for the server",
        "le message est trop gros pour le serveur",
    ),
    # The mail catcher
    "caught_mail.not_found": ("This mail is not kept any more.", "Cet email n’est plus conservé."),
    # Send Test
    "send_test.nobody": ("Choose somebody, or type an address.", "Choisir quelqu’un, ou saisir une adresse."),
    "send_test.too_many": ("A test goes to at most {most} people.", "Un test va à {most} personnes au plus."),
    "send_test.confirm_opted_out": (
        "{count} person opted out: {addresses}. Send the test all the same? || "
        "{count} people opted out: {addresses}. Send the test all the same?",
        "{count} personne s’est désinscrite\u00a0: {addresses}. Envoyer le test malgré tout\u202f? || "
        "{count} personnes se sont désinscrites\u00a0: {addresses}. Envoyer le test malgré tout\u202f?",
    ),
    "send_test.suppressed": (
        "The address is suppressed ({reason}): nothing is sent to it.",
        "L’adresse est bloquée ({reason})\u00a0: rien ne lui est envoyé.",
    ),
    "send_test.suppression.hard_bounce": ("hard bounce", "rejet définitif"),
    "send_test.suppression.complaint": ("complaint", "plainte"),
    "send_test.suppression.soft_bounces": ("soft bounces", "rejets temporaires"),
    "send_test.suppression.invalid": ("invalid", "invalide"),
    "send_test.suppression.manual": ("by hand", "à la main"),
    # What a run of a scheduled job did
    "job_run.count.mass_emails": (
        "{count} mass email || {count} mass emails",
        "{count} envoi en masse || {count} envois en masse",
    ),
    "job_run.count.sent": ("{count} sent || {count} sent", "{count} envoyé || {count} envoyés"),
    "job_run.count.temporary": (
        "{count} to be retried || {count} to be retried",
        "{count} à réessayer || {count} à réessayer",
    ),
    "job_run.count.permanent": ("{count} refused || {count} refused", "{count} refusé || {count} refusés"),
    "job_run.count.uncertain": ("{count} uncertain || {count} uncertain", "{count} incertain || {count} incertains"),
    "job_run.count.not_tried": ("{count} not tried || {count} not tried", "{count} non tenté || {count} non tentés"),
    "job_run.count.render_failed": (
        "{count} not rendered || {count} not rendered",
        "{count} non composé || {count} non composés",
    ),
    "job_run.count.skipped": ("{count} left out || {count} left out", "{count} écarté || {count} écartés"),
    "job_run.count.runs": (
        "{count} old run || {count} old runs",
        "{count} ancienne exécution || {count} anciennes exécutions",
    ),
    "job_run.count.caught_mails": (
        "{count} caught mail || {count} caught mails",
        "{count} email capté || {count} emails captés",
    ),
}
