"""Sentences about people: addresses, recipients, target lists, reports."""

WORDS = {
    "address.empty": ("Enter an address.", "Saisir une adresse."),
    "address.with_name": (
        "Enter the address alone, without the name and without < >.",
        "Saisir l’adresse seule, sans le nom ni les signes < >.",
    ),
    "address.several": ("Enter one address only.", "Saisir une seule adresse."),
    "address.two_ats": ("An address has one @ only.", "Une adresse ne comporte qu’un seul @."),
    "address.space": ("An address has no spaces.", "Une adresse ne comporte pas d’espace."),
    "address.no_at": ("The @ is missing.", "Il manque le @."),
    "address.nothing_before": ("The part before the @ is missing.", "Il manque la partie avant le @."),
    "address.nothing_after": ("The part after the @ is missing.", "Il manque la partie après le @."),
    "address.two_dots": ("There are two dots in a row.", "Deux points se suivent."),
    "address.dot_at_edge": (
        "The part before the @ begins or ends with a dot.",
        "La partie avant le @ commence ou finit par un point.",
    ),
    "address.no_dot": (
        "“{domain}” is not a whole domain: it has no dot.",
        "« {domain} » n’est pas un domaine complet : il n’a pas de point.",
    ),
    "address.too_long": (
        "An address has at most {limit} characters.",
        "Une adresse compte {limit} caractères au plus.",
    ),
    "address.local_too_long": (
        "The part before the @ has at most {limit} characters.",
        "La partie avant le @ compte {limit} caractères au plus.",
    ),
    "address.reserved": (
        "“{domain}” is reserved: no mail can go there.",
        "« {domain} » est réservé : aucun courrier ne peut y aller.",
    ),
    "address.malformed": ("“{address}” is not an email address.", "« {address} » n’est pas une adresse email."),
    "recipient.not_found": ("There is no such recipient.", "Ce destinataire n’existe pas."),
    "recipient.somebody": ("Somebody else", "Quelqu’un d’autre"),
    "recipient.who_required": (
        "Enter a name, a company or an address.",
        "Saisir un nom, une société ou une adresse.",
    ),
    "recipient.kind_fixed": ("The kind cannot be changed.", "Le type ne peut pas être modifié."),
    "recipient.time_zone_unknown": ("There is no time zone “{value}”.", "Le fuseau horaire « {value} » n’existe pas."),
    "recipient.language_unknown": (
        "Enter a language code such as fr or en-GB.",
        "Saisir un code de langue comme fr ou en-GB.",
    ),
    "recipient.account_unknown": ("There is no such account.", "Ce compte n’existe pas."),
    "recipient.account_of_contact": ("Only a contact has an account.", "Seul un contact a un compte."),
    "recipient.field_name": (
        "“{name}” cannot be the name of a field: 1 to 60 characters, no quotes or backslashes.",
        "« {name} » ne peut pas nommer un champ : 1 à 60 caractères, sans guillemets droits ni barre oblique inverse.",
    ),
    "recipient.field_value": (
        "The value of “{name}” is neither text nor a number.",
        "La valeur de « {name} » n’est ni un texte ni un nombre.",
    ),
    "recipient.too_many_fields": ("At most {limit} fields.", "{limit} champs au plus."),
    "filter.needs_list": ("This speaks of a list: choose one.", "Cela concerne une liste : en choisir une."),
    "filter.not_an_object": ("This is not a filter.", "Ceci n’est pas un filtre."),
    "filter.unknown_key": ("A filter has no “{name}”.", "Un filtre n’a pas de « {name} »."),
    "filter.unknown_field": ("Recipients have no field “{name}”.", "Les destinataires n’ont pas de champ « {name} »."),
    "filter.value": ("“{value}” does not fit here.", "« {value} » ne convient pas ici."),
    "filter.moment": (
        "“{value}” is not a moment with a time zone.",
        "« {value} » n’est pas un moment avec fuseau horaire.",
    ),
    "filter.range": ("The end is before the beginning.", "La fin précède le début."),
    "filter.too_deep": ("Groups are nested too deeply.", "Les groupes sont trop imbriqués."),
    "filter.too_many": ("At most {limit} conditions.", "{limit} conditions au plus."),
    "target_list.no_name": ("There is no target list “{name}”.", "Pas de liste cible «\u202f{name}\u202f»."),
    "target_list.not_found": ("There is no such target list.", "Cette liste cible n’existe pas."),
    "target_list.in_use": (
        "“{names}” still has to choose its people from this list. Finish or cancel it first.",
        "« {names} » doit encore choisir ses destinataires dans cette liste. Commencer par l’achever ou l’annuler.",
    ),
    "target_list.merge_nothing": ("Choose at least one list to merge.", "Choisir au moins une liste à fusionner."),
    "report.not_found": ("There is no such report.", "Ce rapport n’existe pas."),
}
