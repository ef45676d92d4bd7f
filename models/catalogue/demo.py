"""Names of the demo data, and what the command says of it."""

WORDS = {
    "demo.already": ("The demo data is there already.", "Les données de démonstration sont déjà là."),
    "demo.done": ("The demo data is there.", "Les données de démonstration sont prêtes."),
    "demo.autumn": ("Autumn letter", "Lettre d’automne"),
    "demo.autumn_subject": ("The first cold mornings", "Les premiers matins froids"),
    "demo.winter": ("Winter letter", "Lettre d’hiver"),
    "demo.winter_subject": ("Before the snow", "Avant la neige"),
    "demo.customers": ("Customers", "Clients"),
    "demo.partners": ("Tasting evening, interested", "Soirée dégustation, intéressés"),
    "demo.quiet": ("Asked for a pause", "Ont demandé une pause"),
    "demo.french": ("People who read French", "Personnes qui lisent le français"),
    "demo.link_tasting": ("Book a tasting", "Réserver une dégustation"),
    "demo.link_office": ("Office parcel", "Colis pour le bureau"),
}
