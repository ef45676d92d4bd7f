"""The import of spreadsheets: what may be wrong with a file, a mapping or a row, and the words of its page."""

WORDS = {
    # the file as a whole
    "imports.empty_file": ("The file is empty.", "Le fichier est vide."),
    "imports.workbook": (
        "This is a workbook, not a CSV file. Open it and save it as “CSV UTF-8”, then choose that file.",
        "C’est un classeur, pas un fichier CSV. L’ouvrir, l’enregistrer au format « CSV UTF-8 », puis choisir ce fichier.",
    ),
    "imports.too_many_columns": ("It has more than {limit} columns.", "Il a plus de {limit} colonnes."),
    # the mapping
    "imports.no_address_column": (
        "Choose the column that holds the address: it recognises people.",
        "Choisir la colonne qui contient l’adresse : c’est elle qui reconnaît les personnes.",
    ),
    "imports.field_twice": ("Another column becomes this field already.", "Une autre colonne devient déjà ce champ."),
    "imports.unknown_field": ("There is no field “{field}”.", "Le champ « {field} » n’existe pas."),
    "imports.account_of_contact": ("Only contacts have an account.", "Seuls les contacts ont un compte."),
    "imports.no_users": (
        "Users are made in Administration, with their right to sign in. They are not imported.",
        "Les utilisateurs se créent dans l’Administration, avec leur droit de connexion. Ils ne s’importent pas.",
    ),
    "imports.other_columns": (
        "The file has {columns} columns, the mapping {count}.",
        "Le fichier a {columns} colonnes, la correspondance {count}.",
    ),
    # a row
    "imports.too_many_cells": (
        "{cells} cells in a row of {columns} columns: a separator inside a value lacks its quotation marks",
        "{cells} cellules dans une ligne de {columns} colonnes : un séparateur dans une valeur n’est pas entre guillemets",
    ),
    "imports.unclosed_quote": ("A quotation mark is opened and never closed", "Un guillemet ouvert n’est jamais fermé"),
    "imports.misplaced_quote": ("A quotation mark is in a wrong place", "Un guillemet est mal placé"),
    "imports.too_long_row": ("The row is too long to be one", "La ligne est trop longue pour en être une"),
    "imports.nul": (
        "It holds a NUL byte: the file is damaged here",
        "Elle contient un octet nul : le fichier est abîmé ici",
    ),
    "imports.unreadable": (
        "A character cannot be read: another encoding may be right",
        "Un caractère est illisible : un autre encodage convient peut-être",
    ),
    "imports.no_address": ("No address", "Pas d’adresse"),
    "imports.same_as_row": ("Same as row {row}", "Identique à la ligne {row}"),
    "imports.too_long": (
        "{field} has {length} characters, {limit} at most",
        "{field} : {length} caractères, {limit} au plus",
    ),
    "imports.unknown_language": ("“{value}” is not a language", "« {value} » n’est pas une langue"),
    "imports.unknown_time_zone": ("“{value}” is not a time zone", "« {value} » n’est pas un fuseau horaire"),
    # groups of problems
    "imports.group.malformed": ("Malformed", "Mal formées"),
    "imports.group.twice": ("Twice", "En double"),
    "imports.group.empty": ("Empty", "Vides"),
    "imports.group.row": ("Row", "Ligne"),
    # fields
    "imports.field.address": ("Address", "Adresse"),
    "imports.field.first_name": ("First name", "Prénom"),
    "imports.field.last_name": ("Last name", "Nom"),
    "imports.field.name": ("Whole name", "Nom complet"),
    "imports.field.company": ("Company", "Société"),
    "imports.field.account": ("Account, by name", "Compte, par son nom"),
    "imports.field.language": ("Language", "Langue"),
    "imports.field.time_zone": ("Time zone", "Fuseau horaire"),
    "imports.field.custom": ("Field “{column}”", "Champ « {column} »"),
    # the example to download: what programs of the reader's country write
    "imports.example": (
        "First name,Last name,Email,Company,Language,City\r\n"
        "Ada,Byron,ada@example.com,Difference Ltd,en,London\r\n"
        "Élodie,Marchand,elodie@example.org,Imprimerie Valmont,fr,Lyon\r\n",
        "Prénom;Nom;E-mail;Société;Langue;Ville\r\n"
        "Élodie;Marchand;elodie@example.org;Imprimerie Valmont;fr;Lyon\r\n"
        "Ada;Byron;ada@example.com;Difference Ltd;en;Londres\r\n",
    ),
    # the file of problem rows
    "imports.row": ("Row", "Ligne"),
    "imports.problem": ("Problem", "Problème"),
}
