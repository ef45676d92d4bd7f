"""Sentences of the error tree that belong to no single feature."""

WORDS = {
    "errors.invalid": (
        "{count} field to correct. || {count} fields to correct.",
        "{count} champ à corriger. || {count} champs à corriger.",
    ),
    "errors.unexpected": (
        "Something went wrong on the server. Nothing you typed is lost. Reference {reference}.",
        "Une erreur s’est produite sur le serveur. Rien de ce que vous avez saisi n’est perdu. Référence {reference}.",
    ),
    "errors.not_found": ("There is no such {what}.", "{what} : introuvable."),
    "errors.required": ("Fill this in.", "À remplir."),
    "errors.too_long": ("At most {limit} characters.", "{limit} caractères au plus."),
    "errors.not_a_number": ("Enter a whole number.", "Saisir un nombre entier."),
    "errors.not_an_amount": (
        "Enter an amount, with two decimals at most.",
        "Saisir un montant, deux décimales au plus.",
    ),
    "errors.not_a_date": ("Enter a date.", "Saisir une date."),
    "errors.at_least": ("Enter {least} or more.", "Saisir {least} ou plus."),
    "errors.at_most": ("Enter {most} or less.", "Saisir {most} ou moins."),
    "errors.control_character": (
        "Remove the line break or control character.",
        "Retirer le saut de ligne ou le caractère de contrôle.",
    ),
    "errors.unknown_choice": ("“{value}” is not one of the choices.", "« {value} » ne fait pas partie des choix."),
    "errors.conflict": (
        "{who} changed this meanwhile. Your text is kept. Compare, then choose.",
        "{who} a modifié cet élément entre-temps. Votre texte est conservé. Comparer, puis choisir.",
    ),
    "errors.not_allowed": ("This needs the right “{right}”.", "Cela demande le droit « {right} »."),
    "errors.database_away": ("The database cannot be reached.", "La base de données est injoignable."),
}
