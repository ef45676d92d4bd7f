"""A person who answers stop, in English and French."""

import pytest

from models.bounce import judge_mail
from models.stop_reply import says_stop

ASKS = [
    "STOP",
    "stop.",
    "Stop please!",
    "Unsubscribe",
    "unsubscribe me please",
    "Please remove me from your list.",
    "Take me off this list",
    "I don't want to receive these emails any more.",
    "I would like to unsubscribe.\n\nAda",
    "Hello,\n\nplease stop sending me these.\n\nAda Corvin",
    "Do not email me again",
    "no more emails",
    "Please opt me out",
    "Hi,\nremove my address please",
    "Désabonnez-moi",
    "désinscription",
    "Merci de me désinscrire.",
    "Merci de ne plus m’envoyer vos messages",
    "Je ne souhaite plus recevoir vos e-mails.",
    "Bonjour,\n\nVeuillez retirer mon adresse de votre liste.\n\nCordialement",
    "Arrêtez de m'écrire",
    "STOP SVP",
    "Supprimez-moi de vos fichiers, merci",
    "Ne m'envoyez plus rien",
    "Stop\n\nLe mardi 8 septembre 2026, Atelier a écrit :\n> Voici l'automne\n> plus",
]
DOES_NOT_ASK = [
    "",
    "Thank you!",
    "Please don't stop sending these, I love them.",
    "Please do not unsubscribe me!",
    "I can't stop reading.",
    "The bus stop is in front of the shop.",
    "How do I not unsubscribe by accident?",
    "Why did you remove me from the list? I want it back.",
    "Ne vous arrêtez pas !",
    "Surtout ne me désinscrivez pas",
    "Merci, à bientôt",
    "Could you stop by on Tuesday?",
    "> Please unsubscribe me",
    "Lovely.\n\nOn Tuesday, Atelier wrote:\n> To unsubscribe, click here. Stop.",
    "Great offer.\n-- \nReply STOP to unsubscribe",
    "Can I change my order? "
    + "I bought the lamp and the table and the chair. " * 20
    + "Please remove me from the order.",
]


@pytest.mark.parametrize("text", ASKS)
def test_it_asks_to_stop(text: str) -> None:
    assert says_stop(text, "Re: autumn")


@pytest.mark.parametrize("text", DOES_NOT_ASK)
def test_it_does_not_ask_to_stop(text: str) -> None:
    assert not says_stop(text, "Re: autumn")


@pytest.mark.parametrize(("subject", "asks"), [("STOP", True), ("unsubscribe", True), ("Re: STOP pollution", False)])
def test_an_empty_mail_asks_by_its_subject(subject: str, asks: bool) -> None:
    assert says_stop("\n\n", subject) is asks


def test_a_mail_is_asked_as_a_whole() -> None:
    top = "From: Ada <ada@example.com>\nSubject: Re: autumn\nContent-Type: text/html; charset=utf-8\n\n"
    reply = f"{top}<p>Désabonnez-moi</p>"
    system = b"From: MAILER-DAEMON@mx.example.net\nSubject: failure\n\n<ada@example.com>: stop, user unknown\n"
    assert judge_mail(reply.encode()).asks_to_stop
    assert not judge_mail(system).asks_to_stop
