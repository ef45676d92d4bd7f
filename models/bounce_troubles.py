"""Troubles: what names a sort of refusal and leaves its cause open. The order is the rule (bounce_wording)."""

from typing import Final

from models.bounce_wording import Wording
from models.phrases import phrases

TROUBLES: Final = (
    Wording(
        "blocked",
        phrases(r"""
            \b(?:blocked|banned|blacklisted)\b
            refused to talk to me
            service refus
        """),
    ),
    Wording(
        "contenterror",
        phrases(r"""
            duplicate header
            header(?:s)? (?:is |are |was )?too (?:large|long|many)
            malformed
            improper
            (?:invalid|bad|illegal|unsupported|non-ascii|8-?bit) (?:\w+ )?(?:header|mime|content|charset|character|
            …encoding|format)
            (?:mime|content|header|conversion|charset|message format|message structure) (?:error|invalid|
            …not (?:allowed|supported|accepted)|required|failed)
            too many (?:received|headers|mime|parts)
            line (?:too long|length)
            data format error
        """),
    ),
    Wording(
        "policyviolation",
        phrases(r"""
            potential security (?:issue|risk|threat)
            administrative prohibition
            (?:for|due to|violat\w*|against|by|because of|breach of|by our|security|local|content|company|
            …administrative|site) (?:\w+ ){0,2}polic(?:y|ies)\b
            policy (?:reason|violation|reject|restrict|prohibit|rejection)
            (?:attachment|file|extension)s? (?:\w+ ){0,3}(?:not allowed|not permitted|prohibited|blocked|forbidden|
            …banned|rejected|disallowed|denied)
            (?:blocked|banned|forbidden|prohibited|denied) (?:attachment|file|extension)
            prohibited
            you have exceeded
            unauthori[sz]ed use
            aup\b
            acceptable use
        """),
    ),
    Wording(
        "securityerror",
        phrases(r"""
            authenti?cation (?:is )?(?:required|fail|credentials)
            authrequired
            must (?:be )?(?:authenticate|use tls|issue a starttls|log ?in)
            \btls\b.{0,30}(?:required|fail|error|not|handshake|negotiat)
            starttls
            encryption (?:is )?(?:required|needed)
            certificate
            (?:not|un)[ -]?(?:yet )?authori[sz]ed
            access (?:is |was |has been )?(?:denied|not allowed|forbidden)
            permission denied
            insufficient (?:permission|right|privilege)
            you (?:are|do) not (?:allowed|have permission|authori[sz]ed)
            not permitted
            sender denied
            restricted
            授权
            login
        """),
    ),
    Wording(
        "syntaxerror",
        phrases(r"""
            syntax(?: error)?
            (?:command|parameter)s? (?:\w+ )?(?:not (?:implemented|recogni[sz]ed)|unrecogni[sz]ed|unknown|invalid)
            bad sequence
            unrecogni[sz]ed command
            (?:invalid|bad|unknown) (?:command|parameter|argument)
            protocol error
            wrong order
            need (?:rcpt|mail|helo|ehlo)\b
        """),
    ),
    Wording(
        "systemfull",
        phrases(r"""
            (?:system|server|disk|spool|queue|file ?system)(?:'s)? (?:is |storage |space )*(?:full|out of|exceeded|
            …low)
            (?:insufficient|not enough|no) (?:system |disk |queue |server )*(?:storage|space|resources)
            mail system full
        """),
    ),
    Wording(
        "expired",
        phrases(r"""
            (?:delivery|message|envelope|queue|retry|time)[ .]?(?:time )?(?:has |had |was )?(?:expired|timed? ?out|
            …timeout exceeded)
            \bexpired\b
            timed? ?[- ]?out
            in the queue too long
            (?:could|can|was) not (?:be )?deliver(?:ed)? (?:for|in|after|within|for the last) (?:the last )?[\d.]+
            connection (?:was |has been )?(?:timed|refused|reset|closed|lost|dropped|aborted|failed|time-?out|error)
            giving up
            failed \d+ attempts
            (?:not |un)reachable
            is not responding
            too long
            long time
            maximum (?:time|retr)
            retry (?:time|limit)
            retries
            will (?:not )?(?:be )?(?:retr|tr(?:y|ied))
            tr(?:y|ied) again
            try later
            stopped trying
            attempts? fail
            gave up
            without success
            couldn't be reached
            (?:cannot|could not|unable to|failed to) (?:connect|reach|contact)
            unable to deliver this message after
            delayed?
            deferred
            undelivered after
            still (?:being|undelivered)
            aborted after
            did(?: not|n't) (?:respond|answer|accept our requests)
            not respond\w*
            no (?:answer|response|reply) from
            lost connection
            dropped
            d[ée]lai (?:d'attente |de \w+ )?(?:d[ée]pass|expir)
            zeit(?:[uü]berschreitung|limit)
            abgelaufen
            tiempo (?:de espera )?(?:agotado|excedido)
            tempo (?:limite )?(?:esgotado|excedido|scaduto)
            verlopen
            タイムアウト
            期限
        """),
    ),
    Wording(
        "systemerror",
        phrases(r"""
            (?:system|server|internal|operating system|i/?o|processing|database|configuration|local|software|
            …directory|ldap|remote server|backend|lookup|mail system)(?: \w+)? (?:error|failure|problem|fault|
            …unavailable|not available|misconfigur)
            (?:service|server|resource)s? (?:currently |is |are |temporarily )*(?:not available|unavailable)
            transaction failed
            interrupted
            cannot allocate
            out of memory
            unable to (?:process|queue|lock|open)
            can't (?:create|open|allocate|write)
            temporary failure
            something went wrong
            unexpected (?:error|failure)
            no healthy upstream
        """),
    ),
    Wording(
        "rejected",
        phrases(r"""
            (?:message|mail|e-?mail|delivery|transaction)\b.{0,30}(?:reject|refus|denied|not (?:be )?accept|declin)
            (?:reject|refus|declin|denied)\w* (?:the |your |this |by |to )*(?:message|mail|e-?mail|delivery|accept)
            \b(?:group|gruppe|grupo|gruppo|groupe|groep|grup\w*)\b.{0,400}(?:post|publi|pubblic|bericht)
            グループ.{0,200}投稿
            (?:групп|груп)\S{0,3}.{0,300}(?:публик|допис|сообщен)
            קבוצה.{0,300}לפרסם
            群组.{0,100}(?:发布|张贴)
            그룹.{0,100}게시
        """),
    ),
)
"""Believed where the status code names no cause."""
