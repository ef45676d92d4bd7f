"""By what a mail in words shows what it is: a failure, a delay, a receipt, a complaint. In several languages."""

import re
from typing import Final

from models.phrases import phrases

_DAEMON: Final = phrases(r"""
    mailer[-_. ]?d(?:a?e)mon
    post[-_ ]?master
    mail[-_. ]?deliver[a-z]*[-_. ]?(?:sub)?[-_. ]?(?:system|agent)
    mail[-_ ]?daemon
    mdaemon
    (?:system|mail|network) ?administrator
    <>\s*$
    ^$
    ^\W*$
    \bbounces?[@+=-]
    ^dsn@
    delivery[-_. ](?:status|system|agent|notif)
    internet mail delivery
    interscan
    no-?reply.*deliver
    administrat(?:eur|or) syst
    systemadministrator
""")
_FAILED_SUBJECT: Final = phrases(r"""
    mail failed
    returning (?:to|message)
    メールエラー
    エラー(?:通知|メール)
    undeliver
    non[- ]?deliver
    deliver\w*\b.{0,40}(?:fail|status|problem|error|report|impossible|delay|notif|incomplete)
    (?:fail|error)\w* ?(?:of |in |to )?(?:notice|deliver|mail|message)
    returned (?:mail|e?-?mail|message|to sender)
    mail (?:system error|returned|could not|delivery|not delivered|bounce)
    message (?:not|could not|cannot|wasn't|delayed|delivery|undeliver|status|you sent|returned)
    could not (?:be )?(?:deliver|send)
    not delivered
    mail error
    unzustellbar
    unzustellbarkeit
    nicht zugestellt
    zustell\w*fehl
    (?:non|échec|impossible)[^:]{0,20}(?:remis|distribu|livr|envoi|remise)
    message non (?:remis|distribu)
    no se puede entregar
    no entregad
    devuelt
    devolu[cç][aã]o
    não (?:entregue|foi entregue)
    falha (?:na|de) entrega
    non recapitat
    mancat[ao] (?:recapito|consegna)
    niet (?:bezorgd|afgeleverd)
    onbestelbaar
    送信(?:エラー|できません|失敗)
    配信(?:不能|できません|エラー|失敗)
    エラーメール
    не доставлен
    недостав
    退信
    无法投递
    warning: could not send
    mailbox (?:full|unavailable)
    delivery (?:has )?(?:failed|delayed)
    returned:
""")
_FAILED_WORDS: Final = phrases(r"""
    failed recipients?
    has been returned
    fail\w* (?:to )?(?:be )?deliver
    had delivery problems
    no valid recipients
    (?:could|can|was|were|has|have|had|is|did)(?: ?not|n't) (?:be |been |yet )*(?:\w+ )?deliver
    (?:not|un)(?: able)? (?:to )?(?:be )?deliver
    undeliver
    deliver\w*\b.{0,60}(?:fail|abort|error|impossible|delay|not possible|stopped)
    did not reach
    permanent(?:ly)? (?:fatal )?(?:error|fail)
    returned to (?:the )?sender
    could not be reached
    failure reasons?
    permanent fatal errors
    error message below
    (?:address|recipient)s? failed
    (?:message|mail|e-?mail)\b.{0,60}(?:not (?:be )?(?:sent|accepted|delivered)|reject|bounced|delayed|
    …wasn't|couldn't)
    remote host said
    (?:^|\n)\W*[45]\d\d[ -][45]\.\d\.\d
    group you tried to contact
    zugestellt werden
    nicht (?:zugestellt|zustellbar)
    n'a (?:pas )?(?:pu|été) (?:pas )?(?:être )?(?:remis|distribu|délivr|livr|achemin)
    échec de la remise
    impossible (?:de|d') ?(?:remettre|distribuer|délivrer|envoyer)
    no (?:ha )?(?:podido|pudo|se pudo|fue posible|se ha podido) (?:ser )?(?:entrega|envia)
    não (?:pôde|foi possível|pode) (?:ser )?entreg
    non (?:è stato possibile|ha potuto|può) (?:essere )?(?:recapit|consegn)
    niet (?:worden )?(?:bezorgd|afgeleverd)
    送信でき
    配信でき
    配送でき
    送れません
    失敗しま
    не может быть доставлен
    не удалось доставить
    未能送达
    无法送达
""")
_DELAYED: Final = phrases(r"""
    warning message only
    only a (?:temporary failure|warning)
    (?:has |been |is |was |delivery )+(?:\w+ )?delayed\b
    status notification[:( ]+delay
    could not send message for past
    will (?:keep|continue) (?:trying|to try|retrying)
    still (?:being )?(?:retried|trying|undelivered)
    (?:will|to) (?:be )?retr(?:y|ied) (?:for|until|automatically|again|\w+ more)
    not yet (?:been )?delivered
    no action is required
    delivery incomplete
    has not yet been delivered
    temporary problem delivering
    retard[ée]
    verz[öo]ger
    retras(?:ad|o)
    atrasad
    in ritardo
    vertraagd
    delivery (?:temporarily )?(?:suspended|deferred)
""")
_GIVEN_UP: Final = phrases(r"""
    giv(?:en|ing) up
    will be deleted from queue
    i'm not going to try
    (?:permanent|fatal) (?:error|fail)
    no further
    not continue trying
    stopped trying
    could not be delivered for
""")
_DELIVERED: Final = phrases(r"""
    (?:success\w*|was|were|has been|have been) (?:\w+ )?(?:delivered|relayed)\b
    successful (?:mail )?delivery
    delivery (?:was )?success
    return receipt
    (?:accusé|confirmation) de (?:lecture|réception|remise)
    lesebestätigung
    ^\W*(?:read|lu|gelesen|leído) ?:
    remis avec succès
    erfolgreich zugestellt
    (?:message|mail) (?:was |has been )?(?:displayed|opened|read)\b
""")
_JMRP: Final = re.compile(r"complaint about (?:a |your )?message from", re.IGNORECASE)
_MAIL_PROGRAM: Final = re.compile(r"sent this e?-?mail to unsubscribe", re.IGNORECASE)
_ANSWERED: Final = re.compile(r"^\s*(?:re|aw|sv|antw|rép?)\s*:", re.IGNORECASE)
_STATUS_FIELDS: Final = re.compile(
    r"^\W{0,8}final-recipient:(?:.*\n){1,6}?\W{0,8}(?:action|status):", re.IGNORECASE | re.MULTILINE
)
"""A delivery status (RFC 3464) that lost its part, in the words of whoever passed it on."""
_SYSTEM_WORDS: Final = phrases(r"""
    could not be delivered to:\s*<
    送信できませんでした
    had delivery problems
    the following address(?:es)? (?:had|failed)
    remote host said
    transcript of session
    (?:^|\n)\W*[45]\d\d[ -][45]\.\d\.\d
    this is the mail system
    did not reach the following
    delivery to the following recipients? failed
    (?:delivery|status) (?:status )?notification
""")


def is_daemon(sender: str) -> bool:
    """Whether a From is a mail system's: by its name or address, or because it is empty."""
    return bool(_DAEMON.search(sender[:300].lower()))


def reports_failure(subject: str, words: str) -> bool:
    """Whether what a mail system wrote is about a message that did not, or not yet, arrive, or about one that did."""
    if _FAILED_SUBJECT.search(subject.lower()) or _FAILED_WORDS.search(words[:6000].lower()):
        return True
    return is_delay(subject, words) or is_receipt(subject, words)


def forwards_failure(subject: str, words: str, returns: bool) -> bool:
    """Whether a mail that no mail system sent is a report all the same: by its form, or because it `returns` a message.
    What a person answers to one is not."""
    if _ANSWERED.match(subject):
        return False
    said = words[:6000].lower()
    if _STATUS_FIELDS.search(said):
        return True
    is_said = _SYSTEM_WORDS.search(said) or (returns and _FAILED_WORDS.search(said))
    return bool(is_said and _FAILED_SUBJECT.search(subject.lower()))


def is_delay(subject: str, words: str) -> bool:
    """Whether the message is still being tried."""
    head = f"{subject}\n{words[:4000]}".lower()
    return bool(_DELAYED.search(head)) and not _GIVEN_UP.search(head)


def is_receipt(subject: str, words: str) -> bool:
    """Whether it says that the message arrived, and of no failure."""
    if _FAILED_WORDS.search(words[:6000].lower()):
        return False
    return bool(_DELIVERED.search(subject.lower()) or _DELIVERED.search(words[:2000].lower()))


def complains(subject: str) -> bool:
    """Whether the subject is that of a junk mail report without a feedback report (Microsoft's JMRP)."""
    return bool(_JMRP.search(subject))


def unsubscribes_for_a_person(words: str) -> bool:
    """Whether a mail program says that it unsubscribes the person from whom it comes."""
    return bool(_MAIL_PROGRAM.search(words[:500]))
