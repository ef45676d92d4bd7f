"""Words of suppressions: the list, adding, releasing, import and export."""

WORDS = {
    "people.reason.erased": ("erased on request", "effacée sur demande"),
    "send_test.suppression.erased": ("erased on request", "effacée sur demande"),
    "audience.because.suppressed.erased": ("Erased on request.", "Effacée sur demande."),
    "job_run.count.suppressions": (
        "{count} address released || {count} addresses released",
        "{count} adresse débloquée || {count} adresses débloquées",
    ),
    "suppressions.erased_stays": (
        "This address was erased on request: it is never mailed again.",
        "Cette adresse a été effacée sur demande : plus aucun email ne lui est envoyé.",
    ),
    "suppressions.until_past": ("Choose a moment to come.", "Choisir un moment à venir."),
    "erasure.other_key": (
        "The installation’s secret is another one than when people were erased. Put it back: without it nobody can "
        "tell whether an address was erased.",
        "Le secret de l’installation n’est plus celui du moment où des personnes ont été effacées. Le remettre : sans "
        "lui, impossible de savoir si une adresse a été effacée.",
    ),
}
