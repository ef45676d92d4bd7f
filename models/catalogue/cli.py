"""What the command says."""

WORDS = {
    "cli.build.first": (
        "Building the page. The first time its packages are fetched: about a minute.",
        "Construction de la page. La première fois, ses paquets sont téléchargés : environ une minute.",
    ),
    "cli.build.start": (
        "The page's sources have changed: building it, about ten seconds.",
        "Les sources de la page ont changé : construction, une dizaine de secondes.",
    ),
    "cli.build.done": ("The page is built ({seconds} s).", "La page est construite ({seconds} s)."),
    "cli.build.current": ("The page is up to date.", "La page est à jour."),
    "cli.build.failed": (
        "The page could not be built, the former one stays: see {log}.",
        "La page n’a pas pu être construite, la précédente reste : voir {log}.",
    ),
}
