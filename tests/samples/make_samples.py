"""Makes the samples beside it: python -m tests.samples.make_samples. The same bytes at every run, and nobody is real.

contacts/     contacts-utf8-comma.csv       1,200 contacts with every trouble of TROUBLES among them
              contacts-cp1252-semicolon.csv 400 of them, as Excel in French writes them
              contacts-utf16-tab.csv        400 of them, as Excel writes "Unicode text"
              contacts-ragged.csv           rows of every length, a doubled header, quotation marks left open
leads/        leads-utf8-semicolon.csv      300 leads, some of whom are contacts in another case
newsletters/  newsletter.html               28 KB; what to put into it: see NEWSLETTER_PLACES
ENVOI_SAMPLES_DIR may name another folder of this form.
"""

import csv
import io
import random
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
HEADER = ["Prénom", "Nom", "E-mail", "Société", "Langue", "Ville", "Inscrit le", "Actif"]
LEAD_HEADER = ["First name", "Last name", "Email", "Company", "Language", "Time zone"]

FIRST = [
    *("Anaïs", "Élodie", "François", "Søren", "Łukasz", "Zoë", "Noémie", "Jürgen", "Inès", "Thị", "José", "Maëlle"),
    *("Ada", "Lucie", "Øyvind", "Çağla", "Ana", "Béatrice", "Chloé", "Damien", "Ève", "Frédéric", "Gaël", "Hélène"),
    *("Ilse", "Jérôme", "Karim", "Loïc", "Maïté", "Nils", "Oriane", "Paul", "Quentin", "Renée", "Štěpán", "Tove"),
]
LAST = [
    *("Marchand", "Lefèvre", "Müller", "García", "Østergård", "Nguyễn", "Dvořák", "Petit-Jean", "D'Angelo", "O'Brian"),
    *("Fontanel", "Benali", "Aasgaard", "Weiß", "Corvin", "Dubreuil", "Valmont", "Çelik", "Nowak", "Sjöberg"),
    *("Castellanos", "Lindqvist", "Bonnefoy", "Delacroix", "Moreau", "Schneider"),
]
FOLDED = str.maketrans("ïÉçøŁëéüsıòàèîôãšŠěØÇğßöřáùíễ", "iEcoLeeusioaeioasSeOCgsoraaie")
DOMAINS = ["example.com", "example.org", "example.net", "atelier.example", "poste.example", "mail.example"]
CITIES = ["Lyon", "Paris", "Zürich", "New York, NY", 'Saint-"Malo"', "Besançon", "", "København", "Bad Tölz"]
COMPANIES = ["Imprimerie Valmont", "Benali Conseil", "Aasgaard Nord", "", "Les Ateliers du Pont", "Brasserie & Fils"]
DATES = ["2026-01-03", "03/01/2026", "31.12.2025", ""]
LANGUAGES = ["fr", "en", "de", "FR", "français", ""]

# Every kind of trouble, by name, with the rows that show it: [first name, last name, address, …] of HEADER.
TROUBLES: dict[str, list[list[str]]] = {
    "no @": [["Zoë", "Lefèvre", "zoe.example.com"]],
    "two @": [["Henrik", "Aasgaard", "henrik@@example.com"]],
    "no dot in the domain": [["Lucie", "Fontanel", "lucie@localhost"]],
    "two dots": [["Ali", "Benomar", "a.benomar@example..com"]],
    "space inside": [["Paul", "Corvin", "paul corvin@example.com"]],
    "quoted local part": [["Łukasz", "D'Angelo", '"l ""x"""@example.com']],
    "display name": [["Ana", "Castellanos", "Ana <ana.castellanos@example.com>"]],
    "two addresses in one cell": [["Jürgen", "Weiß", "j.weiss@example.com; juergen@example.org"]],
    "newline in the address": [["Thị", "Müller", "inj@example.com\nBcc: victim@example.net"]],
    "400 characters": [["Zoë", "Dubreuil", "x" * 388 + "@example.com"]],
    "long local part": [["Nils", "Dubreuil", "y" * 65 + "@example.com"]],
    "IDN": [["Ilse", "Bücher", "ilse@bücher.example"], ["Ilse", "Twin", "ILSE@xn--bcher-kva.example"]],
    "UTF-8 local part": [["Ève", "Été", "évé@example.org"]],
    "combining accents": [["Ele\u0301onore", "Comte", "comte@example.org"], ["José", "Né", "jose\u0301@example.net"]],
    "no address": [["José", "Müller", ""], ["Maïté", "", "   "]],
    "blank row": [[""] * 8],
    "white space around": [["  Inès ", " Nowak\t", "  SPACES@Example.COM "]],
    "upper-case twin": [["François", "Müller", "spaces@example.com"]],
    "twice": [["Lucie", "D'Angelo", "dup.person@example.com"], ["O'Brian", "D'Angelo", "dup.person@example.com"]],
    "formula": [
        ['=HYPERLINK("http://evil.example","x")', "Nowak", "formula.equals@example.com"],
        ["+cmd|' /C calc'!A0", "Lefèvre", "formula.plus@example.com"],
        ["-2+3", "Valmont", "formula.minus@example.com"],
        ["@SUM(1+1)", "Valmont", "formula.at@example.com"],
    ],
    "HTML": [["Noémie", "<script>alert(1)</script>", "html@example.com"], ["<b>Tove</b>", "&amp;", "amp@example.com"]],
    "Liquid in a name": [["{{ Person.lastName }}", "{optOutUrl}", "braces@example.com"]],
    "SQL in a name": [["Robert'); DROP TABLE recipient;--", "Nowak", "sql@example.com"]],
    "very long name": [["Wolfeschlegelsteinhausen" * 12, "Long", "long.name@example.com"]],
    "emoji": [["Chloé 🎉", "👩‍👩‍👧 Fontanel", "emoji@example.com"]],
    "right to left": [["שרה", "לוי", "rtl@example.com"], ["\u202eevE", "Moreau", "override@example.com"]],
    "quotation marks": [['Ada "the Countess"', "Byron", "quotes@example.com"]],
    "separators in a cell": [["Anne, Marie; Claire", "Du\tPont", "separators@example.com"]],
    "line break in a cell": [["Maëlle", "Çelik", "multiline@example.com", "Aasgaard\nNord", "fr", "multi\nline, city"]],
    "unknown language": [["Odd", "Tongue", "tongue@example.com", "", "klingonese"]],
    "header in a name": [["Bcc: all@example.net", "Subject: x", "header@example.com"]],
    "NUL": [["nul\0byte", "Five", "nul@example.com"]],
    "too many cells": [
        ["Cut", "Off", "cut.off@example.com", "Valmont", "fr", "Lyon", "2026-01-03", "1", "and", "more"]
    ],
    "too few cells": [["Short", "Row", "short.row@example.com"]],
}
"""Rows of fewer cells than the header stand as they are only under "too few cells"; elsewhere they are filled up."""

NEWSLETTER_PLACES = {
    "{trackingUrl:CODE}": "the button “Voir la collection”: put the 17 hex digits of a tracking URL instead of CODE",
    "{Person.firstName}": "the greeting",
    "{optOutUrl}": "the last line",
}


def _fold(text: str) -> str:
    return "".join(c for c in text.translate(FOLDED).lower() if c.isascii() and (c.isalnum() or c in "-"))


def plain_people(count: int, rnd: random.Random) -> Iterator[list[str]]:
    """People without trouble, each with an address of their own."""
    for number in range(count):
        first, last = rnd.choice(FIRST), rnd.choice(LAST)
        address = f"{_fold(first)}.{_fold(last)}{number}@{rnd.choice(DOMAINS)}"
        yield [
            first,
            last,
            address,
            rnd.choice(COMPANIES),
            rnd.choice(LANGUAGES),
            rnd.choice(CITIES),
            rnd.choice(DATES),
            rnd.choice(["1", "0", "oui", "non", ""]),
        ]


def troubled_rows() -> list[list[str]]:
    """Every row of TROUBLES, as wide as the header but where the width is the trouble."""
    rows = []
    for name, examples in TROUBLES.items():
        for row in examples:
            rows.append(row if name == "too few cells" else row + [""] * (len(HEADER) - len(row)))
    return rows


def contacts(count: int, seed: int) -> list[list[str]]:
    """The header, nine plain people, the troubles, then more plain people: `count` rows below the header."""
    people = list(plain_people(count - len(troubled_rows()), random.Random(seed)))
    return [HEADER, *people[:9], *troubled_rows(), *people[9:]]


def leads() -> list[list[str]]:
    """300 leads, two of whom have the address of a contact in another case."""
    people = list(plain_people(300, random.Random(7)))
    rows = [
        [first, last, f"lead.{address}", company, language, "Europe/Paris" if number % 3 else ""]
        for number, (first, last, address, company, language, *_) in enumerate(people)
    ]
    rows[4][2], rows[5][2] = "Spaces@EXAMPLE.com", "QUOTES@example.com"
    return [LEAD_HEADER, *rows]


def as_csv(rows: list[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


RAGGED = (
    "email,first_name,last_name,email\r\n"
    "r1@example.com,A,One,second-column@example.com\r\n"
    "r2@example.com,B\r\n"
    'r3@example.com,"unclosed quote,Three\r\n'
    "r4@example.com,D,Four,,x,y,z\r\n"
    'r5@example.com,"E" misplaced,Five,\r\n'
    "r6@example.com,nul\0byte,Six,\r\n"
    "\r\n"
    "r7@example.com,G,Seven,\r\n"
    ";;;;\r\n"
    "r8@example.com,H,Eight,\r"  # an old Mac's line end
    "r9@example.com,I,Nine,\n"  # and Unix's
    "r10@example.com,J,Ten"  # and none at the end
)


def files() -> dict[str, bytes]:
    """Every sample by its path below this folder."""
    small = contacts(400, 2)
    return {
        "contacts/contacts-utf8-comma.csv": b"\xef\xbb\xbf" + as_csv(contacts(1_200, 1), ",").encode(),
        "contacts/contacts-cp1252-semicolon.csv": as_csv(small, ";").encode("cp1252", "replace"),
        "contacts/contacts-utf16-tab.csv": b"\xff\xfe" + as_csv(small, "\t").encode("utf-16-le"),
        "contacts/contacts-ragged.csv": RAGGED.encode(),
        "leads/leads-utf8-semicolon.csv": as_csv(leads(), ";").encode(),
        "newsletters/newsletter.html": newsletter().encode(),
    }


STYLE = """
    :root { color-scheme: light dark; supported-color-schemes: light dark; }
    body { margin: 0; padding: 0; width: 100%; background: #f3f1ec; color: #2b2a27; font-family: Georgia, serif; }
    table { border-collapse: collapse; border-spacing: 0; }
    img { border: 0; display: block; max-width: 100%; height: auto; }
    a { color: #7a3b1d; }
    .wrap { width: 620px; margin: 0 auto; background: #ffffff; }
    .pad { padding: 24px 32px; }
    h1 { font-size: 30px; line-height: 36px; margin: 0 0 12px; font-weight: normal; }
    h2 { font-size: 21px; line-height: 28px; margin: 0 0 8px; font-weight: normal; }
    p { font-size: 16px; line-height: 25px; margin: 0 0 16px; }
    .small { font-size: 13px; line-height: 19px; color: #6d6a63; }
    .button a { display: inline-block; padding: 14px 26px; background: #7a3b1d; color: #ffffff; text-decoration: none; }
    .button a:hover { background: #5c2c15; }
    .price { font-weight: bold; white-space: nowrap; }
    @media only screen and (max-width: 640px) {
      .wrap { width: 100% !important; }
      .column { display: block !important; width: 100% !important; }
      .pad { padding: 20px 16px !important; }
      h1 { font-size: 25px !important; line-height: 31px !important; }
      .hide-on-phone { display: none !important; }
    }
    @media (prefers-color-scheme: dark) {
      body { background: #1b1a18 !important; color: #ece8df !important; }
      .wrap { background: #262522 !important; }
      a { color: #e0a07f !important; }
      .small { color: #a9a498 !important; }
    }
"""

ARTICLES = [
    ("Le papier de lin revient à l’atelier", "papier-de-lin", "Trois grammages, une teinte que la lumière garde."),
    ("Visite : la presse à bras de 1887", "presse-a-bras", "On l’entend avant de la voir, puis on ne voit qu’elle."),
    ("Composer à la main, un samedi", "stage-composition", "Huit places, deux casses, une page que l’on garde."),
    ("Une reliure qui s’ouvre à plat", "reliure-a-plat", "La couture est apparente et tient trente ans."),
    ("Les encres d’automne", "encres-automne", "Noix, garance et un bleu cherché depuis l’hiver."),
    ("Carnet de route : Besançon", "carnet-besancon", "Une horloge, deux imprimeurs, un marché sous la pluie."),
    ("Ce que dit le filigrane", "filigrane", "Tenir une feuille devant la fenêtre et lire ce qu’on n’a pas écrit."),
    (
        "Le caractère retrouvé au fond d’un tiroir",
        "caractere",
        "Un corps douze, incomplet, sans une seule esperluette.",
    ),
    ("Les bons jours de l’automne", "agenda", "Deux marchés, une conférence et la nuit des presses."),
    ("Trois questions à la relieuse", "trois-questions", "La colle, la patience et les livres qu’elle n’ouvre pas."),
]
PRODUCTS = [
    ("Carnet cousu", 18),
    ("Coffret de douze cartes", 24),
    ("Affiche en bois gravé", 46),
    ("Papier à lettres", 21),
]
PROSE = [
    "Nous avons passé l’été à régler la machine, feuille après feuille, jusqu’à ce que l’encre se pose sans baver. Ce "
    "qui paraît simple sur la page a demandé des semaines : choisir le papier, l’humidifier, attendre, recommencer. "
    "Voici donc ce qui est prêt, avec les noms de celles et ceux qui l’ont fait.",
    "Il faut imaginer la pièce un matin de semaine : la lumière par le nord, le poêle qui ronfle, et deux personnes "
    "qui ne se parlent presque pas parce que leurs mains se répondent. L’une pose, l’autre tire ; au bout d’une heure, "
    "quarante feuilles sèchent sur le fil, et aucune n’est tout à fait pareille.",
    "La porte est ouverte chaque premier samedi du mois, de dix heures à midi et demi. On peut venir voir, toucher, "
    "poser les questions que l’on garde pour soi devant une vitrine. Les enfants repartent avec leur prénom imprimé, "
    "les grands avec de l’encre sur les manches ; personne ne s’en est encore plaint.",
]
TEXT = "margin:0 0 16px 0;font-family:Georgia,'Times New Roman',serif;font-size:16px;line-height:25px;color:#2b2a27"
CELL = "font-family:Georgia,'Times New Roman',serif;vertical-align:top;mso-table-lspace:0pt;mso-table-rspace:0pt"


def newsletter() -> str:
    """A newsletter as workshops send them: nested tables, links, pictures with words for those who see none."""
    site = "https://atelier.example"
    articles = "".join(_article(site, number, *article) for number, article in enumerate(ARTICLES))
    products = "".join(_product(site, number, *product) for number, product in enumerate(PRODUCTS))
    return f"""<!DOCTYPE html>
<html lang="fr" xmlns="http://www.w3.org/1999/xhtml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="supported-color-schemes" content="light dark">
  <title>La lettre de l’atelier</title>
  <!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>
  <![endif]-->
  <style>{STYLE}  </style>
</head>
<body>
<div style="display:none;max-height:0;overflow:hidden">Du lin, une presse de 1887, huit places un samedi.</div>
<table role="presentation" width="100%" bgcolor="#f3f1ec"><tr><td align="center">
<!--[if mso]><table role="presentation" width="620"><tr><td><![endif]-->
<table role="presentation" class="wrap" width="620" bgcolor="#ffffff">
  <tr><td class="pad" align="center" style="{CELL}">
    <a href="{site}/"><img src="{site}/img/atelier.png" width="180" height="48" alt="L’Atelier du Pont"></a>
  </td></tr>
  <tr><td style="{CELL}"><a href="{site}/automne?de=lettre&amp;mois=9"><img src="{site}/img/une.jpg"
    width="620" height="310" alt="Feuilles imprimées qui sèchent sur un fil"></a></td></tr>
  <tr><td class="pad" style="{CELL}">
    <h1>La lettre de septembre</h1>
    <p style="{TEXT}">Bonjour {{Person.firstName}},</p>
    <p style="{TEXT}">{PROSE[0]}</p>
    <p style="{TEXT}">{PROSE[1]}</p>
    <p style="{TEXT}">{PROSE[2]}</p>
    <table role="presentation"><tr><td class="button" bgcolor="#7a3b1d" style="{CELL}">
      <a href="{{trackingUrl:CODE}}" style="color:#ffffff;padding:14px 26px;display:inline-block">Voir la collection</a>
    </td></tr></table>
  </td></tr>
{articles}
  <tr><td class="pad" style="{CELL};border-top:1px solid #ddd8cc"><h2>À la boutique</h2>
    <table role="presentation" width="100%"><tr>{products}
    </tr></table>
  </td></tr>
  <tr><td class="pad small" style="{CELL};border-top:1px solid #ddd8cc">
    <p class="small">L’Atelier du Pont, 4 quai des Imprimeurs, 25000 Besançon ·
      <a href="{site}/contact">Nous écrire</a> · <a href="{site}/mentions">Mentions</a> ·
      <a href="tel:+33300000000">03 00 00 00 00</a> ·
      <a href="mailto:lettre@atelier.example">lettre@atelier.example</a></p>
    <p class="small"><a href="{{optOutUrl}}">Ne plus recevoir cette lettre</a></p>
  </td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body>
</html>
"""


def _article(site: str, number: int, title: str, slug: str, lead: str) -> str:
    side = f"""<td class="column" width="240" valign="top" style="{CELL};padding:0 16px 16px 0">
        <a href="{site}/{slug}?rang={number}"><img src="{site}/img/{slug}.jpg" width="240" height="170"
          alt="{title}" style="width:240px;height:auto;border:0;outline:none;text-decoration:none"></a>
      </td>"""
    words = f"""<td class="column" valign="top" style="{CELL};padding:0 0 16px 0">
        <h2><a href="{site}/{slug}" style="color:#2b2a27;text-decoration:none">{title}</a></h2>
        <p style="{TEXT}"><strong>{lead}</strong> {PROSE[number % 3]}</p>
        <p class="hide-on-phone" style="{TEXT}">{PROSE[(number + 1) % 3]}</p>
      </td>"""
    return f"""  <tr><td class="pad" style="{CELL};border-top:1px solid #ddd8cc">
    <table role="presentation" width="100%"><tr>
      {side}
      {words}
    </tr></table>
  </td></tr>
"""


def _product(site: str, number: int, name: str, price: int) -> str:
    return f"""
      <td class="column" width="25%" valign="top" align="center" style="{CELL};padding:8px">
        <img src="{site}/img/boutique-{number}.jpg" width="120" height="120" alt="{name}">
        <p class="small" style="{TEXT}">{name}<br><span class="price">{price}\N{NARROW NO-BREAK SPACE}€</span></p>
      </td>"""


def main() -> None:
    for name, content in files().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
