"""Sentences of templates and of what Envoi itself writes into mails."""

WORDS = {
    "template.noun": ("Email template", "Modèle d’email"),
    "template.unknown_placeholder": (
        "Line {line}, column {column}: {{{name}}} is not a placeholder.",
        "Ligne {line}, colonne {column} : {{{name}}} n’est pas un champ de fusion.",
    ),
    "template.unknown_placeholder_near": (
        "Line {line}, column {column}: {{{name}}} is not a placeholder. Did you mean {{{near}}}?",
        "Ligne {line}, colonne {column} : {{{name}}} n’est pas un champ de fusion. Vouliez-vous écrire {{{near}}} ?",
    ),
    "template.tracking_code": (
        "Line {line}, column {column}: {{{name}}} is not a tracking link. Paste the code of a tracking URL, 17 characters.",
        "Ligne {line}, colonne {column} : {{{name}}} n’est pas un lien de traçage. Coller le code d’un lien de traçage, "
        "17 caractères.",
    ),
    "template.unclosed": (
        "Line {line}, column {column}: “{opener}” is opened and never closed.",
        "Ligne {line}, colonne {column} : « {opener} » est ouvert et jamais fermé.",
    ),
    "template.liquid": (
        "Line {line}, column {column}: Liquid cannot read this: {reason}.",
        "Ligne {line}, colonne {column} : Liquid ne peut pas lire ceci : {reason}.",
    ),
    "template.unknown_filter": (
        "Line {line}, column {column}: there is no filter “{name}”.",
        "Ligne {line}, colonne {column} : le filtre « {name} » n’existe pas.",
    ),
    "template.liquid_failed": (
        "Liquid could not be rendered for this person: {reason}.",
        "Liquid n’a pas pu être calculé pour cette personne : {reason}.",
    ),
    "template.script": (
        "Line {line}, column {column}: mail programs refuse scripts. Remove the <script>.",
        "Ligne {line}, colonne {column} : les messageries refusent les scripts. Retirer le <script>.",
    ),
    "template.too_long": (
        "More than {limit} characters. Gmail shows about a tenth of that: shorten it.",
        "Plus de {limit} caractères. Gmail en affiche environ un dixième : à raccourcir.",
    ),
    "template.not_html": (
        "This HTML cannot be read: it is empty, or nested more than 250 levels deep.",
        "Ce HTML est illisible : il est vide, ou imbriqué sur plus de 250 niveaux.",
    ),
    "template.liquid_cuts": (
        "A Liquid tag cuts through an element or a style. Put {% if %} and {% endif %} around whole elements.",
        "Une balise Liquid coupe un élément ou un style. Placer {% if %} et {% endif %} autour d’éléments entiers.",
    ),
    "template.not_found": ("There is no such email template.", "Ce modèle d’email est introuvable."),
    "template.copy_of": ("{name} (copy)", "{name} (copie)"),
    "template.in_use": (
        "A mass email that is not over uses it: {names}. Give it another template first. || "
        "{count} mass emails that are not over use it: {names}. Give them another template first.",
        "Un envoi en cours ou à venir l’utilise : {names}. Lui donner d’abord un autre modèle. || "
        "{count} envois en cours ou à venir l’utilisent : {names}. Leur donner d’abord un autre modèle.",
    ),
    "template.check_placeholders": ("Every placeholder is known.", "Tous les champs de fusion sont connus."),
    "template.check_opt_out": ("It has an opt-out link.", "Le lien de désinscription est présent."),
    "template.check_opt_out_added": (
        "An opt-out link will be added at the end.",
        "Un lien de désinscription sera ajouté à la fin.",
    ),
    "template.check_no_opt_out": (
        "It has no opt-out link, and adding one is switched off in Outbound Emails. Write {name} into a link.",
        "Pas de lien de désinscription, et l’ajout automatique est désactivé dans Emails sortants. "
        "Écrire {name} dans un lien.",
    ),
    "template.check_no_subject": ("The subject is empty.", "L’objet est vide."),
    "template.check_size": (
        "{size} KB of HTML; Gmail shows up to 102 KB.",
        "{size} Ko de HTML ; Gmail en affiche jusqu’à 102.",
    ),
    "template.check_clipped": (
        "{size} KB of HTML: Gmail cuts the message after 102 KB, opt-out link included.",
        "{size} Ko de HTML : Gmail coupe le message après 102 Ko, lien de désinscription compris.",
    ),
    "template.check_no_alt": (
        "An image has no alt text (line {line}). || {count} images have no alt text (the first in line {line}).",
        "Une image n’a pas de texte alternatif (ligne {line}). || "
        "{count} images n’ont pas de texte alternatif (la première ligne {line}).",
    ),
    "template.check_relative": (
        "An image has no full web address (line {line}): nobody will see it. || "
        "{count} images have no full web address (the first in line {line}): nobody will see them.",
        "Une image n’a pas d’adresse web complète (ligne {line}) : personne ne la verra. || "
        "{count} images n’ont pas d’adresse web complète (la première ligne {line}) : personne ne les verra.",
    ),
    "template.check_insecure": (
        "A link uses http instead of https (line {line}). || "
        "{count} links use http instead of https (the first in line {line}).",
        "Un lien utilise http au lieu de https (ligne {line}). || "
        "{count} liens utilisent http au lieu de https (le premier ligne {line}).",
    ),
    "template.check_no_address": (
        "A link leads nowhere (line {line}). || {count} links lead nowhere (the first in line {line}).",
        "Un lien ne mène nulle part (ligne {line}). || {count} liens ne mènent nulle part (le premier ligne {line}).",
    ),
    "template.check_removed": (
        "A form, frame or player (line {line}) does not work in most mail programs. || "
        "{count} forms, frames or players (the first in line {line}) do not work in most mail programs.",
        "Un formulaire, cadre ou lecteur (ligne {line}) ne fonctionne pas dans la plupart des messageries. || "
        "{count} formulaires, cadres ou lecteurs (le premier ligne {line}) ne fonctionnent pas dans la plupart des "
        "messageries.",
    ),
    "template.check_stylesheet": (
        "A style sheet is linked (line {line}); mail programs do not load it. Put its rules into a <style>. || "
        "{count} style sheets are linked (the first in line {line}); mail programs do not load them. Put their rules into "
        "a <style>.",
        "Une feuille de style est liée (ligne {line}) ; les messageries ne la chargent pas. Placer ses règles dans un "
        "<style>. || {count} feuilles de style sont liées (la première ligne {line}) ; les messageries ne les chargent "
        "pas. Placer leurs règles dans un <style>.",
    ),
    "message.opt_out": ("Unsubscribe", "Se désinscrire"),
    "message.address": (
        "“{address}” cannot be written as an address into a mail.",
        "« {address} » ne peut pas être écrite comme adresse dans un email.",
    ),
    "message.control_character": (
        "“{value}” holds a line break or another control character: it cannot be part of a mail’s header.",
        "« {value} » contient un saut de ligne ou un autre caractère de contrôle : impossible dans un en-tête d’email.",
    ),
    "message.unknown_link": (
        "The message links to {destination}, which has no link number in this mass email.",
        "Le message contient un lien vers {destination}, sans numéro de lien dans cet envoi.",
    ),
    "message.other_frame": (
        "The stored values belong to another state of the message: its template, sender or settings have changed since.",
        "Les valeurs conservées appartiennent à un autre état du message : le modèle, l’expéditeur ou les paramètres ont "
        "changé depuis.",
    ),
}
