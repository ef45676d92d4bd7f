"""What the health checks say."""

WORDS = {
    "health.good": ("good", "bien"),
    "health.warning": ("to know", "à savoir"),
    "health.bad": ("to act on", "à traiter"),
    "health.scheduler_never": (
        "The worker has never run: start it with envoi serve, or envoi worker.",
        "Le processus d’envoi n’a jamais tourné\u00a0: le démarrer avec envoi serve, ou envoi worker.",
    ),
    "health.scheduler_silent": (
        "The worker was heard last on {moment:%Y-%m-%d %H:%M %Z}: start it with envoi serve, or envoi worker.",
        "Le processus d’envoi n’a plus donné signe de vie depuis le {moment:%Y-%m-%d %H:%M %Z}\u00a0: le démarrer avec envoi serve, ou envoi worker.",
    ),
    "health.scheduler_alive": ("The worker {holder} is running.", "Le processus d’envoi {holder} tourne."),
    "health.job_inactive": (
        "The scheduled job {job} is Inactive: activate it in Scheduled Jobs, or with envoi job activate {job}.",
        "La tâche planifiée {job} est inactive\u00a0: l’activer dans Tâches planifiées, ou avec envoi job activate {job}.",
    ),
    "health.job_failed": (
        "The last run of {job} failed: {error}",
        "La dernière exécution de {job} a échoué\u00a0: {error}",
    ),
    "health.job_active": ("{job} is Active ({scheduling}).", "{job} est active ({scheduling})."),
    "health.job_ran": (
        "{job} ran on {moment:%Y-%m-%d %H:%M %Z}, {count} handled; it is Active ({scheduling}). || {job} ran on {moment:%Y-%m-%d %H:%M %Z}, {count} handled; it is Active ({scheduling}).",
        "{job} a tourné le {moment:%Y-%m-%d %H:%M %Z}, {count} traité ; active ({scheduling}). || {job} a tourné le {moment:%Y-%m-%d %H:%M %Z}, {count} traités ; active ({scheduling}).",
    ),
    "health.account_waits": (
        "{name} is in trouble ({trouble}); it is tried again on {moment:%Y-%m-%d %H:%M %Z}.",
        "{name} a un problème ({trouble})\u00a0; nouvel essai le {moment:%Y-%m-%d %H:%M %Z}.",
    ),
    "health.account_good": ("{name} ({host}:{port}) has no trouble.", "{name} ({host}:{port}) n’a pas de problème."),
    "health.mail_caught": (
        "Mail goes to the catcher, none leaves this machine: make a real SMTP account the default to send.",
        "Les emails vont à l’attrape-mails, aucun ne quitte cette machine\u00a0: définir un vrai compte SMTP par défaut pour envoyer.",
    ),
    "health.site_url": ("Links lead to {url}.", "Les liens mènent à {url}."),
    "health.database": ("{kind}, {size} MB.", "{kind}, {size} Mo."),
    "health.queue_empty": ("No message is overdue.", "Aucun message en retard."),
    "health.queue_moves": (
        "The oldest message to send is due since {moment:%Y-%m-%d %H:%M %Z}.",
        "Le plus ancien message à envoyer est attendu depuis le {moment:%Y-%m-%d %H:%M %Z}.",
    ),
    "health.mass_email_goes": ("“{name}” is being sent.", "«\u202f{name}\u202f» est en cours d’envoi."),
    "health.mass_email_waits": ("“{name}” waits: {because}", "«\u202f{name}\u202f» attend\u00a0: {because}"),
}
