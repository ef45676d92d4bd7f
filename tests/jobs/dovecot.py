"""A real Dovecot of the tests: IMAP and POP3 on loopback ports, with Maildirs, users and certificates of its own."""

import grp
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

from tests.conftest import free_port

BINARY = "/usr/sbin/dovecot"
USER, PASSWORD = "bounce", "sesame öffne"
OAUTH2 = """
tokeninfo_url = http://127.0.0.1:{tokens}/tokeninfo?access_token=
username_attribute = email
"""
USERS = 200
"""Mailboxes ready for use: bounce, bounce1, bounce2, …"""
CONFIG = """
protocols = imap pop3
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
mail_location = maildir:{home}/mail/%n
mail_uid = {owner}
mail_gid = {group}
first_valid_uid = 1
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
auth_mechanisms = plain login xoauth2 oauthbearer
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = {home}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={home}/mail/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
  }}
}}
"""


@dataclass
class Dovecot:
    """A running server. `ca`: the certificate to trust, which names 127.0.0.1 and localhost. `tokens`: the port where
    it asks whose an access token is (GET /tokeninfo?access_token=…) → {"email": …}."""

    home: Path
    imap: int
    imaps: int
    pop3: int
    pop3s: int
    tokens: int
    process: subprocess.Popen[bytes]

    @property
    def ca(self) -> Path:
        return self.home / "ca.pem"

    def values(self, user: str = USER, **values: object) -> dict[str, object]:
        """What an administrator types for an account here."""
        return {
            "name": "Returned mails",
            "address": "bounce@sender.example",
            "host": "127.0.0.1",
            "port": self.imap,
            "tls": "none",
            "username": user,
            "password": PASSWORD,
            **values,
        }

    @contextmanager
    def client(self, user: str = USER) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.imap, ssl=False, timeout=10) as client:
            client.plain_login(user, PASSWORD)
            yield client

    def put(self, *mails: bytes, folder: str = "INBOX", user: str = USER) -> None:
        """Mails that arrive."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for mail in mails:
                client.append(folder, mail)

    def subjects(self, folder: str = "INBOX", user: str = USER, criteria: str = "ALL") -> list[str]:
        """The subjects of the mails that lie in a folder, read or not."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(criteria), ["ENVELOPE"])
            return [found[uid][b"ENVELOPE"].subject.decode() for uid in sorted(found)]

    def number_anew(self, user: str = USER) -> None:
        """The server forgets how it numbered the mails, as after a restore: another UIDVALIDITY."""
        command = ["doveadm", "-c", str(self.home / "dovecot.conf"), "mailbox", "update", "-u", user]
        subprocess.run([*command, "--uid-validity", "4711", "INBOX"], check=True, capture_output=True)


def start() -> Dovecot:
    """Start one; the caller stops it with stop()."""
    home = Path(tempfile.mkdtemp(prefix="envoi-dovecot-"))
    home.chmod(0o755)
    owner = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    entry = pwd.getpwnam(owner)
    ports = {name: free_port() for name in ("imap", "imaps", "pop3", "pop3s", "tokens")}
    (home / "mail").mkdir()
    names = [USER, *(f"{USER}{n}" for n in range(1, USERS))]
    (home / "users").write_text("".join(f"{name}:{{PLAIN}}{PASSWORD}\n" for name in names))
    (home / "oauth2.conf").write_text(OAUTH2.format(tokens=ports["tokens"]))
    _certificates(home)
    group = grp.getgrgid(entry.pw_gid).gr_name
    (home / "dovecot.conf").write_text(CONFIG.format(home=home, owner=owner, group=group, **ports))
    for path in (home, *home.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid)
    process = subprocess.Popen([BINARY, "-F", "-c", str(home / "dovecot.conf")], stderr=subprocess.DEVNULL)
    server = Dovecot(home, process=process, **ports)
    _wait(server)
    return server


def stop(server: Dovecot) -> None:
    server.process.terminate()
    server.process.wait(10)
    shutil.rmtree(server.home, ignore_errors=True)


def _wait(server: Dovecot) -> None:
    patient_until = time.monotonic() + 15
    while time.monotonic() < patient_until:
        if server.process.poll() is not None:
            raise RuntimeError((server.home / "log").read_text() if (server.home / "log").exists() else "no start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.pop3)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("Dovecot does not listen")


def _certificates(home: Path) -> None:
    """A certificate authority and a certificate of it for 127.0.0.1 and localhost."""
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Envoi tests")])

    def build(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(public)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))

    ca = build(issuer, ca_key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = build(subject, key.public_key()).add_extension(names, critical=False)
    pem = serialization.Encoding.PEM
    (home / "ca.pem").write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    (home / "server.pem").write_bytes(certificate.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (home / "server.key").write_bytes(private)
