"""The networks of mail filters: no person reads mail from there (D18).

Only what the owners publish, so that mail from them is let through; an administrator's rule can say otherwise, and adds
others. Nothing is fetched: these are the owners' own blocks, which change once in years.
"""

from typing import Final

PUBLISHED: Final = {
    "Exchange Online Protection": ("40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14", "104.47.0.0/17"),
    "Barracuda": ("64.235.144.0/20", "209.222.80.0/21"),
    "Proofpoint": (
        *("62.209.50.0/23", "67.231.144.0/20", "91.207.212.0/23", "148.163.128.0/19"),
        *("185.132.180.0/22", "185.183.28.0/22", "205.220.160.0/19"),
    ),
    "Mimecast": (
        *("91.220.42.0/24", "170.10.128.0/21", "195.130.217.0/24", "205.139.110.0/23", "207.211.30.0/24"),
        "216.205.24.0/24",
    ),
    "Symantec Email Security.cloud": (
        *("46.226.48.0/21", "67.219.240.0/20", "85.158.136.0/21", "117.120.16.0/21", "193.109.254.0/23"),
        *("194.106.220.0/23", "195.245.230.0/23", "216.82.240.0/20"),
    ),
}
"""Owner → networks (CIDR)."""
