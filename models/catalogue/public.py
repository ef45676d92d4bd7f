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
    "public.and": ("{first} and {last}", "{first} et {last}"),
}
