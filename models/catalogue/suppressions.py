"""Words of suppressions: the list, adding, releasing, import and export."""

WORDS = {
    "people.reason.erased": ("erased on request", "effacée sur demande"),
    "send_test.suppression.erased": ("erased on request", "effacée sur demande"),
    "audience.because.suppressed.erased": ("Erased on request.", "Effacée sur demande."),
    "job_run.count.suppressions": (
        "{count} address released || {count} addresses released",
        "{count} adresse débloquée || {count} adresses débloquées",
    ),
    "job_run.count.erasures": (
        "{count} erasure ended || {count} erasures ended",
        "{count} effacement terminé || {count} effacements terminés",
    ),
    "consent.unknown_address": (
        "This address is not known here: it has no history.",
        "Cette adresse n’est pas connue ici : elle n’a pas d’historique.",
    ),
    "suppressions.erased_stays": (
        "This address was erased on request: it is never mailed again.",
        "Cette adresse a été effacée sur demande : plus aucun email ne lui est envoyé.",
    ),
    "suppressions.gone": ("This suppression is gone.", "Ce blocage n’existe plus."),
    "suppressions.no_address_column": (
        "No column holds addresses: name one “email”.",
        "Aucune colonne ne contient d’adresses : en nommer une « email ».",
    ),
    "suppressions.ended": ("Its end has passed", "Sa date de fin est passée"),
    "suppressions.erased_row": (
        "Erased on request: no address is kept",
        "Effacée sur demande : aucune adresse n’est conservée",
    ),
    "suppressions.no_moment": ("“{value}” is no moment", "« {value} » n’est pas une date"),
    "suppressions.until_past": ("Choose a moment to come.", "Choisir un moment à venir."),
    "erasure.other_key": (
        "The installation’s secret is another one than when people were erased. Put it back: without it nobody can "
        "tell whether an address was erased.",
        "Le secret de l’installation n’est plus celui du moment où des personnes ont été effacées. Le remettre : sans "
        "lui, impossible de savoir si une adresse a été effacée.",
    ),
    "erasure.record_erased": (
        "This person was erased on request: nothing can be written here any more.",
        "Cette personne a été effacée sur demande : plus rien ne peut être saisi ici.",
    ),
    "erasure.user": (
        "This is somebody who signs in here: their name and address stay, for the audit trail names them.",
        "Cette personne se connecte ici : son nom et son adresse restent, car le journal d’audit la nomme.",
    ),
    "erasure.unknown_address": (
        "This address is not known here: there is nothing to erase.",
        "Cette adresse n’est pas connue ici : il n’y a rien à effacer.",
    ),
    "erasure.under_way": (
        "A message to this person is on its way at this moment. Try again in a minute.",
        "Un message à cette personne est en cours d’envoi. Réessayer dans une minute.",
    ),
}
