"""Sentences of templates and of what Envoi itself writes into mails."""

WORDS = {
    "template.noun": ("Email template", "Modèle d’email"),
    "template.unknown_placeholder": (
        "Line {line}, column {column}: {{{name}}} is not a placeholder.",
        "Ligne {line}, colonne {column} : {{{name}}} n’est pas un champ de fusion.",
    ),
    "template.unknown_placeholder_near": (
        "Line {line}, column {column}: {{{name}}} is not a placeholder. Did you mean {{{near}}}?",
        "Ligne {line}, colonne {column} : {{{name}}} n’est pas un champ de fusion. Vouliez-vous écrire {{{near}}} ?",
    ),
    "template.tracking_code": (
        "Line {line}, column {column}: {{{name}}} is not a tracking link. Paste the code of a tracking URL, 17 characters.",
        "Ligne {line}, colonne {column} : {{{name}}} n’est pas un lien de traçage. Coller le code d’un lien de traçage, "
        "17 caractères.",
    ),
    "template.unclosed": (
        "Line {line}, column {column}: “{opener}” is opened and never closed.",
        "Ligne {line}, colonne {column} : « {opener} » est ouvert et jamais fermé.",
    ),
    "template.liquid": (
        "Line {line}, column {column}: Liquid cannot read this: {reason}.",
        "Ligne {line}, colonne {column} : Liquid ne peut pas lire ceci : {reason}.",
    ),
    "template.unknown_filter": (
        "Line {line}, column {column}: there is no filter “{name}”.",
        "Ligne {line}, colonne {column} : le filtre « {name} » n’existe pas.",
    ),
    "template.liquid_failed": (
        "Liquid could not be rendered for this person: {reason}.",
        "Liquid n’a pas pu être calculé pour cette personne : {reason}.",
    ),
    "template.script": (
        "Line {line}, column {column}: mail programs refuse scripts. Remove the <script>.",
        "Ligne {line}, colonne {column} : les messageries refusent les scripts. Retirer le <script>.",
    ),
    "template.too_long": (
        "More than {limit} characters. Gmail shows about a tenth of that: shorten it.",
        "Plus de {limit} caractères. Gmail en affiche environ un dixième : à raccourcir.",
    ),
    "template.not_html": (
        "This HTML cannot be read: it is empty, or nested more than 250 levels deep.",
        "Ce HTML est illisible : il est vide, ou imbriqué sur plus de 250 niveaux.",
    ),
    "template.liquid_cuts": (
        "A Liquid tag cuts through an element or a style. Put {% if %} and {% endif %} around whole elements.",
        "Une balise Liquid coupe un élément ou un style. Placer {% if %} et {% endif %} autour d’éléments entiers.",
    ),
    "message.opt_out": ("Unsubscribe", "Se désinscrire"),
    "message.address": (
        "“{address}” cannot be written as an address into a mail.",
        "« {address} » ne peut pas être écrite comme adresse dans un email.",
    ),
    "message.control_character": (
        "“{value}” holds a line break or another control character: it cannot be part of a mail’s header.",
        "« {value} » contient un saut de ligne ou un autre caractère de contrôle : impossible dans un en-tête d’email.",
    ),
    "message.unknown_link": (
        "The message links to {destination}, which has no link number in this mass email.",
        "Le message contient un lien vers {destination}, sans numéro de lien dans cet envoi.",
    ),
    "message.other_frame": (
        "The stored values belong to another state of the message: its template, sender or settings have changed since.",
        "Les valeurs conservées appartiennent à un autre état du message : le modèle, l’expéditeur ou les paramètres ont "
        "changé depuis.",
    ),
}
