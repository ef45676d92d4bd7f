"""Mail servers of other people: Postfix (with Dovecot to sign in) and Exim, each as its Debian package has it.

    with postfix(folder) as server: ...      with exim(folder) as server: ...

Both want TLS and a login, know the people of KNOWN, and put their mail into a maildir. `folder`: one that other users
may enter. Raises Missing, with the package to install, where one is not there; both need root.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

from jobs.smtp import Server, Timeouts
from models.smtp_account import Tls
from tests.conftest import free_port
from tests.jobs.smtp_server import Authority, make_authority

ROOT: Final = Path(__file__).parents[2]
EXIM: Final = ROOT / "build" / "exim" / "usr" / "sbin" / "exim4"
"""Unpacked by .ci/run: as a package it and Postfix exclude each other."""
EXIM_USER: Final = "Debian-exim"
USERNAME, PASSWORD = "envoi", "sésame"
KNOWN: Final = "ada|bob|andré|person[0-9]+"
MOST_OCTETS: Final = 200_000
TOKEN: Final = "ya29.good"
"""The access token that the provider says is USERNAME's."""


class Missing(Exception):
    """A server cannot be started here; str() is why."""


@dataclass(frozen=True)
class MailServer:
    """A running server. `mail`: the folder into which it delivers; `log`: the files in which it says what it does."""

    name: str
    port: int
    tls_port: int
    authority: Authority
    mail: Path
    log: tuple[Path, ...]

    def place(self, tls: Tls = Tls.STARTTLS, **changes) -> Server:
        """How to reach it."""
        given = {"username": USERNAME, "password": PASSWORD, "name": "sender.example", "timeouts": Timeouts(reply=20)}
        return Server("127.0.0.1", self.port if tls is Tls.STARTTLS else self.tls_port, tls, **{**given, **changes})

    def delivered(self, count: int) -> dict[str, bytes]:
        """The messages by recipient, once there are so many: with CRLF, without what the server put in front."""
        for _ in range(300):
            files = [file for file in self.mail.rglob("new/*") if file.is_file()]
            if len(files) >= count:
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"{len(files)} of {count} came. {self.said()}")
        found = [file.read_bytes() for file in files]
        people = {_recipient(raw): _as_sent(raw) for raw in found}
        assert len(people) == len(found), "somebody has two"
        for file in files:
            file.unlink()
        return people

    def said(self) -> str:
        """The ends of its logs."""
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in self.log if log.exists())


def _recipient(raw: bytes) -> str:
    found = re.search(rb"^(?:X-Original-To|Envelope-to): <?([^>\r\n]+)", raw, re.MULTILINE | re.IGNORECASE)
    assert found, raw[:500]
    return found[1].decode()


def _as_sent(raw: bytes) -> bytes:
    """What came after the last trace field (RFC 5321 4.4)."""
    fields = re.split(rb"\n(?![ \t])", raw)
    trace = (b"return-path:", b"x-original-to:", b"delivered-to:", b"received:", b"envelope-to:", b"delivery-date:")
    first = next(n for n, field in enumerate(fields) if not field.lower().startswith(trace))
    return b"\n".join(fields[first:]).replace(b"\n", b"\r\n")


@contextmanager
def postfix(folder: Path) -> Iterator[MailServer]:
    """Postfix, PLAIN, LOGIN and XOAUTH2 over STARTTLS, LOGIN alone over implicit TLS; Dovecot knows the password, and
    asks a provider about tokens."""
    _require_root()
    programs = {name: shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") for name in ("postfix", "dovecot")}
    for package, program in programs.items():
        if not program:
            raise Missing(f"no {package}: install the package {package if package == 'postfix' else 'dovecot-imapd'}")
    authority, port, tls_port = make_authority(folder), free_port(), free_port()
    for name in ("etc", "data", "queue", "mail", "run"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "nobody")
    (folder / "passwd").write_text(f"{USERNAME}:{{PLAIN}}{PASSWORD}\n")
    (folder / "mailboxes").write_text(f"/^({KNOWN})@example\\.org$/ inbox/\n")
    provider = ThreadingHTTPServer(("127.0.0.1", 0), _TokenInfo)
    token_info = f"http://127.0.0.1:{provider.server_port}/?token="
    (folder / "oauth2.conf").write_text(f"tokeninfo_url = {token_info}\nusername_attribute = email\n")
    (folder / "dovecot.conf").write_text(_DOVECOT.format(home=folder))
    (folder / "etc" / "master.cf").write_text(_MASTER.format(port=port, tls_port=tls_port))
    settings = _MAIN.format(home=folder, pem=authority.server_file(), most=MOST_OCTETS, nobody=pwd.getpwnam("nobody"))
    (folder / "etc" / "main.cf").write_text(settings)
    log = (folder / "postfix.log", folder / "dovecot.log")
    server = MailServer("Postfix", port, tls_port, authority, folder / "mail", log)
    with (
        _serving(provider),
        _running([str(programs["dovecot"]), "-F", "-c", str(folder / "dovecot.conf")]),
        _running([str(programs["postfix"]), "-c", str(folder / "etc"), "start-fg"], stop=_stop_postfix(folder)),
    ):
        _wait_for(server, folder / "auth")
        yield server


class _TokenInfo(BaseHTTPRequestHandler):
    """A provider that knows one token."""

    def do_GET(self) -> None:
        good = self.path.endswith(f"={TOKEN}")
        self.send_response(200 if good else 401)
        self.end_headers()
        self.wfile.write(b'{"email": "%b"}' % USERNAME.encode() if good else b'{"error": "invalid_token"}')

    def log_message(self, *_: object) -> None:
        """Not on the terminal."""


@contextmanager
def _serving(provider: ThreadingHTTPServer) -> Iterator[None]:
    Thread(target=provider.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        provider.shutdown()
        provider.server_close()


def _stop_postfix(folder: Path) -> list[str]:
    return ["/usr/sbin/postfix", "-c", str(folder / "etc"), "abort"]


@contextmanager
def exim(folder: Path) -> Iterator[MailServer]:
    """Exim 4, PLAIN and LOGIN over STARTTLS and over implicit TLS."""
    _require_root()
    if not EXIM.exists():
        raise Missing("no Exim: .ci/run unpacks the package exim4-daemon-light into build/exim")
    try:
        user = pwd.getpwnam(EXIM_USER)
    except KeyError:
        raise Missing(f"no user {EXIM_USER}: .ci/run makes it") from None
    authority, port, tls_port = make_authority(folder), free_port(), free_port()
    for name in ("spool", "log", "mail"):
        (folder / name).mkdir()
        os.chown(folder / name, user.pw_uid, user.pw_gid)
    pem = authority.server_file()
    os.chown(pem, user.pw_uid, user.pw_gid)
    binary = Path(shutil.copy(EXIM, folder / "exim4"))  # where its user may run it
    binary.chmod(0o755)
    place = {"home": folder, "binary": binary, "pem": pem, "port": port, "tls_port": tls_port}
    facts = {"user": EXIM_USER, "username": USERNAME, "password": PASSWORD, "most": MOST_OCTETS, "known": KNOWN}
    (folder / "exim.conf").write_text(_EXIM.format(**place, **facts))
    server = MailServer("Exim", port, tls_port, authority, folder / "mail", (folder / "log" / "mainlog",))
    with _running([str(binary), "-bdf", "-C", str(folder / "exim.conf")]):
        _wait_for(server)
        yield server


def _require_root() -> None:
    if os.geteuid() != 0:
        raise Missing("mail servers are started by root")


@contextmanager
def _running(command: list[str], stop: list[str] | None = None) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        if stop:
            subprocess.run(stop, check=False, capture_output=True)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(server: MailServer, *files: Path) -> None:
    """Until both ports greet and the files are there; ten seconds at most."""
    end = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.port), 1) as greeted:
                greeted.settimeout(5)
                if greeted.recv(4).startswith(b"220") and all(file.exists() for file in files):
                    return
        except OSError as error:
            if time.monotonic() > end:
                raise AssertionError(f"{server.name} does not start: {error}. {server.said()}") from error
        if time.monotonic() > end:
            raise AssertionError(f"{server.name} does not start. {server.said()}")
        time.sleep(0.1)


_MAIN: Final = """\
compatibility_level = 3.6
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
queue_directory = {home}/queue
data_directory = {home}/data
myhostname = mail.sender.example
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = example.org
virtual_mailbox_maps = regexp:{home}/mailboxes
virtual_mailbox_base = {home}/mail
virtual_uid_maps = static:{nobody.pw_uid}
virtual_gid_maps = static:{nobody.pw_gid}
smtpd_tls_cert_file = {pem}
smtpd_tls_key_file = {pem}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {home}/auth
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_client_restrictions =
message_size_limit = {most}
"""

_MASTER: Final = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_mechanism_filter=login
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

_DOVECOT: Final = """\
protocols =
base_dir = {home}/run
log_path = {home}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {home}/passwd
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {home}/auth {{
    mode = 0666
  }}
}}
"""

_EXIM: Final = """\
keep_environment =
exim_path = {binary}
spool_directory = {home}/spool
log_file_path = {home}/log/%slog
pid_file_path = {home}/spool/pid
primary_hostname = mail.sender.example
local_interfaces = <; [127.0.0.1]:{port} ; [127.0.0.1]:{tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = {pem}
tls_privatekey = {pem}
smtputf8_advertise_hosts = *
message_size_limit = {most}
deliver_drop_privilege
acl_smtp_rcpt = rcpt
acl_smtp_data = data

begin acl
rcpt:
  deny    message = relay not permitted
          !authenticated = *
  require verify = recipient
  accept
data:
  accept

begin routers
inbox:
  driver = accept
  condition = ${{if match{{$local_part@$domain}}{{\\N^({known})@example\\.org$\\N}}}}
  transport = inbox

begin transports
inbox:
  driver = appendfile
  directory = {home}/mail
  maildir_format
  envelope_to_add
  return_path_add
  user = {user}

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if and{{{{eq{{$auth2}}{{{username}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${{if and{{{{eq{{$auth1}}{{{username}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""
