"""Words of the log page, of its export, and of making a target list from it."""

WORDS = {
    # making a target list
    "create_list.create": ("Create target list", "Créer une liste cible"),
    "create_list.title": (
        "Create target list from {count} person || Create target list from {count} people",
        "Créer une liste cible : {count} personne || Créer une liste cible : {count} personnes",
    ),
    "create_list.text": (
        "The list is exactly what the filter shows. Change the actions here and the count follows.",
        "La liste est exactement ce que montre le filtre. Changer les actions ici : le compte suit.",
    ),
    "create_list.left_out_text": (
        "These people were left out, so nothing happened to them: the list is exactly what the filter shows.",
        "Ces personnes ont été écartées, rien ne leur est donc arrivé : la liste est exactement ce que montre le filtre.",
    ),
    "create_list.actions": ("Actions", "Actions"),
    "create_list.include": ("Include", "Inclure"),
    "create_list.exclude": ("Exclude", "Exclure"),
    "create_list.ignore": ("Ignore", "Ignorer"),
    "create_list.by_machines": (
        "+ {count} by machines alone || + {count} by machines alone",
        "+ {count} par des machines seules || + {count} par des machines seules",
    ),
    "create_list.put_in": ("Put them in", "Les mettre dans"),
    "create_list.new": ("New list", "Nouvelle liste"),
    "create_list.existing": ("Existing list", "Liste existante"),
    "create_list.name": ("Name", "Nom"),
    "create_list.list": ("Target list", "Liste cible"),
    "create_list.choose": ("Choose a list", "Choisir une liste"),
    "create_list.entries": ("{name} ({entries})", "{name} ({entries})"),
    "create_list.suggested": ("{scope}, {what}", "{scope}, {what}"),
    "create_list.people": ("People", "Personnes"),
    "create_list.match": ("Match the filter", "Répondent au filtre"),
    "create_list.in_new": ("In the new list", "Dans la nouvelle liste"),
    "create_list.added": ("Added to the list", "Ajoutées à la liste"),
    "create_list.opt_outs_come": (
        "Who declined a list that they were mailed through stays opted out in this one.",
        "Qui s’est désinscrit d’une liste utilisée pour l’envoi le reste dans celle-ci.",
    ),
    "create_list.open_after": ("Open the list afterwards", "Ouvrir la liste ensuite"),
    "create_list.create_with": (
        "Create list with {count} person || Create list with {count} people",
        "Créer : {count} personne || Créer : {count} personnes",
    ),
    "create_list.add": (
        "Add {count} person || Add {count} people",
        "Ajouter {count} personne || Ajouter {count} personnes",
    ),
    "create_list.working": ("Putting people into the list", "Ajout des personnes à la liste"),
    "create_list.stop": ("Stop", "Arrêter"),
    "create_list.stopped": (
        "Stopped: {count} of {total} people went through, the rest did not. || Stopped: {count} of {total} people went through, the rest did not.",
        "Arrêté : {count} personne sur {total} traitée, les autres non. || Arrêté : {count} personnes sur {total} traitées, les autres non.",
    ),
    "create_list.done": (
        "{count} person is new in the list. || {count} people are new in the list.",
        "{count} personne de plus dans la liste. || {count} personnes de plus dans la liste.",
    ),
    "create_list.already": (
        "{count} was in it already. || {count} were in it already.",
        "{count} y était déjà. || {count} y étaient déjà.",
    ),
    "create_list.opt_outs": (
        "{count} opt-out was taken over: that address stays opted out. || {count} opt-outs were taken over: those addresses stay opted out.",
        "{count} désinscription reprise : cette adresse reste désinscrite. || {count} désinscriptions reprises : ces adresses restent désinscrites.",
    ),
    "create_list.kind.contact": ("{count} contact || {count} contacts", "{count} contact || {count} contacts"),
    "create_list.kind.lead": ("{count} lead || {count} leads", "{count} prospect || {count} prospects"),
    "create_list.kind.account": ("{count} account || {count} accounts", "{count} compte || {count} comptes"),
    "create_list.kind.user": ("{count} user || {count} users", "{count} utilisateur || {count} utilisateurs"),
    # the log
    "log.title": ("Log", "Log"),
    "log.text": (
        "What became of every message. Tests are never in it.",
        "Ce qu’est devenu chaque message. Les tests n’y figurent jamais.",
    ),
    "log.human_only": ("Human only", "Humains seulement"),
}
