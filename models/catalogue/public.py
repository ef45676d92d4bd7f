"""Sentences of the pages that recipients see."""

WORDS = {
    "public.opt_out.title": ("Stop receiving these emails?", "Ne plus recevoir ces emails\u202f?"),
    "public.opt_out.lists": (
        "You get {lists} at the address {address}.",
        "Vous recevez {lists} à l’adresse {address}.",
    ),
    "public.opt_out.everything": (
        "You get our emails at the address {address}. All of them will stop.",
        "Vous recevez nos emails à l’adresse {address}. Tous s’arrêteront.",
    ),
    "public.opt_out.act": ("Unsubscribe", "Me désinscrire"),
    "public.opt_out.done": ("Done.", "C’est fait."),
    "public.opt_out.done_lists": (
        "You will no longer get {lists}. An email that has already left may still arrive within the hour.",
        "Vous ne recevrez plus {lists}. Un email déjà parti peut encore arriver dans l’heure.",
    ),
    "public.opt_out.done_everything": (
        "You will get no more emails from us. One that has already left may still arrive within the hour.",
        "Vous ne recevrez plus d’emails de notre part. Un email déjà parti peut encore arriver dans l’heure.",
    ),
    "public.opt_in.mistake": ("A mistake?", "Une erreur\u202f?"),
    "public.opt_in.act": ("Subscribe again", "Me réinscrire"),
    "public.opt_in.title": ("Welcome back.", "Vous êtes réinscrit."),
    "public.opt_in.done_lists": ("You get {lists} again.", "Vous recevez de nouveau {lists}."),
    "public.opt_in.done_everything": ("You get our emails again.", "Vous recevez de nouveau nos emails."),
    "public.test": (
        "This page belongs to a test email. It works as the real one, and changes nothing.",
        "Cette page appartient à un email de test. Elle fonctionne comme la vraie, et ne change rien.",
    ),
    "public.not_found.title": ("This address leads nowhere", "Cette adresse ne mène nulle part"),
    "public.not_found.text": (
        "The link is incomplete or was never ours. Open it again from the email.",
        "Le lien est incomplet ou n’a jamais été le nôtre. L’ouvrir de nouveau depuis l’email.",
    ),
    "public.preferences.choose": ("Choose what I get", "Choisir ce que je reçois"),
    "public.preferences.title": ("Your preferences", "Vos préférences"),
    "public.preferences.saved": ("Saved.", "C’est enregistré."),
    "public.preferences.whose": ("For {address}", "Pour {address}"),
    "public.preferences.save": ("Save", "Enregistrer"),
    "public.preferences.stop": ("Stop everything", "Tout arrêter"),
    "public.preferences.start": ("Get again what I had chosen", "Recevoir de nouveau ce que j’avais choisi"),
    "public.preferences.nothing": (
        "You get no emails from us at all. Choose some here to get these again.",
        "Vous ne recevez plus aucun email de notre part. En choisir ici pour les recevoir de nouveau.",
    ),
    "public.preferences.no_lists": (
        "There is no list to choose from.",
        "Il n’y a pas de liste à choisir.",
    ),
    "public.view.anew": (
        "This email was made anew from what is known today; what you got may have differed in places.",
        "Cet email a été recomposé avec ce qui est connu aujourd’hui ; celui que vous avez reçu pouvait en différer par endroits.",
    ),
    "public.view.gone": ("This email can no longer be shown", "Cet email ne peut plus être affiché"),
    "public.view.gone_text": (
        "Its content or the person it was for is not kept any more.",
        "Son contenu ou la personne à qui il était destiné n’est plus conservé.",
    ),
    "public.too_long": ("This form is too long.", "Ce formulaire est trop long."),
    "public.away": (
        "This cannot be answered at the moment. Please try again in a few seconds.",
        "Impossible de répondre pour le moment. Réessayer dans quelques secondes.",
    ),
    "public.and": ("{first} and {last}", "{first} et {last}"),
}
