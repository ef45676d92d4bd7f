"""Words of results: the figures of a campaign or mass email, and why messages came back."""

WORDS = {
    "results.title": ("Results in detail", "Résultats en détail"),
    "results.sent": ("Sent", "Envoyés"),
    "results.opened": ("Opened", "Ouverts"),
    "results.inferred": ("known by a click alone", "déduits d’un clic seul"),
    "results.clicked": ("Clicked", "Cliqués"),
    "results.replied": ("Replied", "Réponses"),
    "results.opted_out": ("Opted Out", "Désinscrits"),
    "results.opted_in": ("Opted in again", "Réinscrits"),
    "results.complained": ("Complained", "Plaintes"),
    "results.failed": ("Failed", "Échecs"),
    "results.bounced": ("Bounced", "Retournés"),
    "results.bounced_hard": ("hard: for good", "définitivement"),
    "results.bounced_soft": ("soft: for the time being", "temporairement"),
    "results.rejected": ("refused at once", "refusés aussitôt"),
    "results.returned": ("returned later", "retournés plus tard"),
    "results.machine_opened": ("Opened by machines", "Ouverts par des machines"),
    "results.machine_clicked": ("Clicked by machines", "Cliqués par des machines"),
    # groups, each with what its percents are of
    "results.people": ("People", "Personnes"),
    "results.came_back": ("Came back", "Revenus"),
    "results.machines": ("Machines", "Machines"),
    "results.not_among": ("not counted above", "non comptées ci-dessus"),
    "results.of_sent": ("of sent", "des envoyés"),
    "results.of_handed_over": ("of sent + refused", "des envoyés + refusés"),
    "results.of_followed": ("of {count} followed || of {count} followed", "de {count} suivi || des {count} suivis"),
    # one line below a number
    "results.by_machines": ("+ {count} by machines", "+ {count} par des machines"),
    "results.by_scanners": ("+ {count} by scanners", "+ {count} par des analyseurs"),
    "results.bounce_kinds": ("hard {hard} · soft {soft}", "durs {hard} · temp. {soft}"),
    "results.not_tracked": ("not tracked", "non suivi"),
    "results.opened_anonymously": (
        "{count} open, of nobody in particular || {count} opens, of nobody in particular",
        "{count} ouverture anonyme || {count} ouvertures anonymes",
    ),
    "results.clicked_anonymously": (
        "{count} click, of nobody in particular || {count} clicks, of nobody in particular",
        "{count} clic anonyme || {count} clics anonymes",
    ),
    # why messages came back
    "results.why_back": ("Why messages came back", "Motifs des retours"),
    "results.people_by_provider": ("people, by mailbox provider", "personnes, par messagerie"),
    "results.reason": ("Reason", "Motif"),
    "results.other_providers": ("Others", "Autres"),
    "results.all_providers": ("All", "Toutes"),
    "results.all_reasons": ("All reasons", "Tous les motifs"),
}
