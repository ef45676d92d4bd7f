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
    # the page
    "nav.machine_rules": ("Machine Rules", "Règles des machines"),
    "machine_rules.title": ("Machine Rules", "Règles des machines"),
    "machine_rules.about": (
        "Scanners, proxies and previews are told from people by themselves. A rule has the last word; the oldest that fits decides.",
        "Analyseurs, proxys et aperçus sont reconnus d’eux-mêmes. Une règle a le dernier mot ; la plus ancienne qui convient décide.",
    ),
    "machine_rules.see_machines": ("Events of machines", "Événements des machines"),
    "machine_rules.no_right": ("Only administrators set rules.", "Seuls les administrateurs fixent des règles."),
    "machine_rules.create": ("Add rule", "Ajouter une règle"),
    "machine_rules.create_text": (
        "Who opens or clicks from this network, or with this program, counts as you say here.",
        "Qui ouvre ou clique depuis ce réseau, ou avec ce programme, compte comme indiqué ici.",
    ),
    "machine_rules.told_by": ("Told by", "Reconnu par"),
    "machine_rules.told_by.network": ("Network", "Réseau"),
    "machine_rules.told_by.agent": ("User agent", "Agent utilisateur"),
    "machine_rules.pattern": ("Network or part of the agent", "Réseau ou partie de l’agent"),
    "machine_rules.pattern_hint": (
        "A network as 203.0.113.0/24, or any part of the user agent, in any case.",
        "Un réseau comme 203.0.113.0/24, ou une partie de l’agent utilisateur, sans égard à la casse.",
    ),
    "machine_rules.counts_as": ("Counts as", "Compte comme"),
    "machine_rules.side.human": ("Person", "Personne"),
    "machine_rules.side.machine": ("Machine", "Machine"),
    "machine_rules.note": ("Note", "Note"),
    "machine_rules.by": ("Set by", "Fixée par"),
    "machine_rules.since": ("Since", "Depuis"),
    "machine_rules.none": ("No rules yet", "Pas encore de règle"),
    "machine_rules.none_text": (
        "Add one when a network or program of yours is taken for people, or people for a machine.",
        "En ajouter une quand un réseau ou un programme passe pour des personnes, ou des personnes pour une machine.",
    ),
    "machine_rules.see_effect": ("See what it changes", "Voir ce qu’elle change"),
    "machine_rules.counting": ("Counting in the log", "Comptage dans le log"),
    "machine_rules.would_turn.machine": (
        "{count} open or click of the past would count as a machine’s. || {count} opens and clicks of the past would count as machines’.",
        "{count} ouverture ou clic passé compterait comme machine. || {count} ouvertures et clics passés compteraient comme machines.",
    ),
    "machine_rules.would_turn.human": (
        "{count} open or click of the past would count as a person’s. || {count} opens and clicks of the past would count as people’s.",
        "{count} ouverture ou clic passé compterait comme humain. || {count} ouvertures et clics passés compteraient comme humains.",
    ),
    "machine_rules.would_turn_nothing": (
        "Nothing of the past would change.",
        "Rien du passé ne changerait.",
    ),
    "machine_rules.past_text": (
        "Of the past, only visits whose address and agent are still kept are known. Figures follow; rows stay in the log.",
        "Du passé, seules les visites dont l’adresse et l’agent sont encore gardés sont connues. Les chiffres suivent ; le log reste.",
    ),
    "machine_rules.new_question": ("Add this rule?", "Ajouter cette règle ?"),
    "machine_rules.apply_question": ("Apply this rule to the past?", "Appliquer cette règle au passé ?"),
    "machine_rules.add": ("Add for what comes", "Ajouter pour l’avenir"),
    "machine_rules.add_and_apply": ("Add and apply to the past", "Ajouter et appliquer au passé"),
    "machine_rules.apply": ("Apply to the past", "Appliquer au passé"),
    "machine_rules.apply_to": (
        "Apply to {count} event || Apply to {count} events",
        "Appliquer à {count} événement || Appliquer à {count} événements",
    ),
    "machine_rules.created": ("The rule holds from now on.", "La règle vaut désormais."),
    "machine_rules.applied": (
        "{count} event of the past counts otherwise now. || {count} events of the past count otherwise now.",
        "{count} événement passé compte désormais autrement. || {count} événements passés comptent désormais autrement.",
    ),
    "machine_rules.delete_question": ("Delete the rule “{pattern}”?", "Supprimer la règle « {pattern} » ?"),
    "machine_rules.delete_text": (
        "What comes is judged without it. What it turned in the past stays as it is.",
        "La suite est jugée sans elle. Ce qu’elle a changé dans le passé reste tel quel.",
    ),
    "machine_rules.deleted": ("The rule is deleted.", "La règle est supprimée."),
    "log.machine.by_hand": ("by a machine: decided by hand", "par une machine : décidé à la main"),
}
