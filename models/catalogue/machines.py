"""Sentences about events that no person caused, and the rules that tell them apart."""

WORDS = {
    "log.machine.mail_privacy": (
        "by a machine: Apple Mail Privacy",
        "par une machine : confidentialité de Mail d’Apple",
    ),
    "log.machine.too_fast": (
        "by a machine: clicked at once, before any open",
        "par une machine : clic immédiat, avant toute ouverture",
    ),
    "log.machine.hidden_link": (
        "by a machine: a link that no person sees",
        "par une machine : un lien que personne ne voit",
    ),
    "log.machine.rule": ("by a machine: a rule of yours", "par une machine : une de vos règles"),
    "machine_rule.not_found": ("This rule is no longer there.", "Cette règle n’existe plus."),
    "machine_rule.not_a_network": (
        "“{pattern}” is no network. Write it as 203.0.113.0/24 or 2001:db8::/32.",
        "« {pattern} » n’est pas un réseau. L’écrire comme 203.0.113.0/24 ou 2001:db8::/32.",
    ),
    "machine_rule.too_short": (
        "At least {least} characters, or it would meet nearly everybody.",
        "Au moins {least} caractères, sinon presque tout le monde serait concerné.",
    ),
    "job_run.count.log_records": (
        "{count} log record past its time || {count} log records past their time",
        "{count} ligne de journal arrivée à terme || {count} lignes de journal arrivées à terme",
    ),
    "job_run.count.visits": (
        "{count} visit forgotten || {count} visits forgotten",
        "{count} visite oubliée || {count} visites oubliées",
    ),
    "log.machine.by_hand": ("by a machine: decided by hand", "par une machine : décidé à la main"),
}
