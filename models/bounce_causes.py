"""Causes: what names by itself why a message was refused. The order is the rule (bounce_wording)."""

from typing import Final

from models.bounce_unknown import UNKNOWN
from models.bounce_wording import Wording
from models.phrases import phrases

CAUSES: Final = (
    Wording(
        "virusdetected",
        phrases(r"""
            \bvirus(?:es)? (?:\S+ )?(?:was |were |has been |have been )?(?:detected|found|infected)
            infected (?:with|by|attachment|message)
            malware
            (?:contain\w*|detected|found|carr\w+) (?:an? |the )?(?:\w+ )?virus
            virus[- ]infected
            (?:trojan|phishing virus)
            ウイルス
            ウィルス
        """),
    ),
    Wording(
        "authfailure",
        phrases(r"""
            \bdmarc\b
            \bdkim\b(?!-sig).{0,60}(?:fail|not pass|invalid|required|verif)
            \bspf\b.{0,60}(?:fail|not pass|reject|not permit|not allow|unauthor|record|polic|check|verif|invalid|
            …error)
            (?:fail\w*|reject\w*|violat\w*|due to|not pass\w*|does not|doesn't).{0,40}\b(?:spf|dkim)\b(?!-sig)
            sender policy framework
            domainkeys
            unauthenticated (?:e-?mail|message|sender)
            (?:message|e-?mail|sender|mail) (?:is |was )?(?:not |un)authenticated
            authentication checks failed
            (?:message|email|mail) (?:fail\w*|did not pass|does not pass) (?:\w+ ){0,2}authenticat
        """),
    ),
    Wording(
        "requireptr",
        phrases(r"""
            \b(?:ptr|rdns|reverse[- ](?:dns|lookup|hostname|name|ip|address|mapping))\b
            (?:unverif\w+|mismatch\w*|unresolv\w+) (?:sending |client |relay )?(?:ip|host)s?\b
            (?:ip|host) ?name lookup failed
            cannot (?:find|resolve) your (?:reverse |host ?)?name
            (?:client|sending|your) (?:host|ip|address)\w* (?:name )?(?:does not|doesn't|could not|cannot|
            …did not) (?:have|resolve)
            no name found for
            missing dns record
        """),
    ),
    Wording(
        "hasmoved",
        phrases(r"""
            (?:mail ?box|user|address|account|recipient|he|she|person|customer) (?:has |have |is |
            …was )?(?:been )?(?:permanently |recently )?moved(?! to (?:junk|trash|spam))
            no forwarding address
            has left (?:the |this |our )?(?:company|organi[sz]ation|firm|university)
            no longer (?:on (?:this )?server|works (?:here|at|for)|with (?:us|the company))
            not our customer
            \bmoved to (?:a )?(?:new )?(?:address|mailbox)
            has been replaced by
            changed (?:his|her|their|its) (?:e-?mail )?address
            n'est plus (?:dans|chez|employ)
            a quitt[ée] (?:la|notre|l')
            user has moved
            nouvelle adresse est
        """),
    ),
    Wording(
        "mailboxfull",
        phrases(r"""
            reach\w* .{0,20}quota
            exceed\w* .{0,24}(?:disk|storage) (?:space|limit|quota)
            over (?:the |its |his |their |allowed |mail |storage |disk )*quota
            quota (?:is |was |has been |would be |limit )*(?:\w+ )?(?:exceed|full|reached|excess)
            exceed\w* (?:\w+ |'s ){0,5}(?:quota|storage|mailbox (?:size|limit))
            (?:mail ?box|inbox|mail ?folder|in-?box|mail ?drop|maildir|mailspool|user's disk|mail storage|account|
            …e-?mailbox|postbox)(?: for (?:user )?| of )? ?(?:\w+ )?(?:is |are |was |has |seems |
            …appears )*(?:currently |already |temporarily |almost |too |exceptionally )*(?:full|over ?flow|
            …over ?quota|overdrawn|exceed|out of space|over the limit)
            full mail ?box
            (?:mail ?box|storage|disk|space|user) (?:size )?(?:limit|quota|capacity|space) (?:is |was |has been |
            …would be |on \w+ )*(?:exceed|reached|exhaust|full|over)
            out of (?:storage|disk|mailbox)? ?(?:space|quota)
            (?:not enough|insufficient|no more|no) (?:disk |storage |mailbox |free )*(?:space|storage|
            …quota)(?! on (?:this|the) (?:server|system)| (?:in|on) (?:queue|spool))(?:.{0,30}(?:mailbox|user|
            …recipient|account|left for))
            (?:disk|mail|mailbox|inbox|user|storage)[ -]?quota (?:exceed|full|reach|over|violat|limit)
            quota violation
            quotaexceeded
            mailboxfull
            overquota
            \bover ?quota\b
            too (?:many|much) (?:mail|messages?|data) (?:in|on|for) (?:this|the|his|her|user)
            receiving (?:mail|email) (?:too|at a rate) .{0,20}quota
            (?:mailbox|account).{0,40}(?:has |have )?(?:used|using) (?:up )?(?:all|more)
            has (?:run|runs) out of
            bo[iî]te (?:aux lettres|de r[ée]ception|de messagerie|mail|e-?mail|\w+)? ?(?:du destinataire |
            …de l'utilisateur )?(?:est |trop )*pleine
            quota (?:est |a [ée]t[ée] )?d[ée]pass[ée]
            d[ée]pass\w+ .{0,20}quota
            espace .{0,30}insuffisant
            post(?:fach|eingang)\w* .{0,40}voll
            speicherplatz .{0,40}(?:ersch[oö]pft|voll|[uü]berschritten)
            kontingent .{0,40}[uü]berschritten
            mailbox .{0,20}voll
            quota [uü]berschritten
            buz[oó]n .{0,40}llen[oa]
            cuota .{0,40}(?:excedid|super)
            bandeja .{0,30}llena
            caixa (?:de correio|postal|de entrada)? ?.{0,30}cheia
            cota .{0,30}excedid
            casella .{0,40}piena
            postvak .{0,30}vol\b
            mailbox .{0,12}vol\b
            メールボックス.{0,12}(?:容量|いっぱい|一杯|満杯|フル|超)
            容量.{0,6}(?:超え|超過|オーバー)
            переполнен
            邮箱.{0,6}(?:已满|空间不足)
            mailbox wypełniona
            skrzynk\w+ .{0,20}pełn
        """),
    ),
    Wording(
        "suspend",
        phrases(r"""
            (?:mail ?box|user|account|address|recipient|customer|domain|
            …e-?mail)(?: that you tried to reach| you tried to reach| for)? ?(?:is |was |has |been |are |currently |
            …temporarily |permanently |administratively |now )*(?:disabled|suspended|locked|
            …blocked by the (?:admin|owner)|deactivated|de-activated|frozen|expired|closed|terminated|
            …discontinued|inactivated|on hold|cancell?ed|dormant|temporarily unavailable|turned off)
            (?:disabled|suspended|deactivated|locked|frozen|discontinued|expired|closed|dormant|
            …inactivated) (?:recipient |e-?mail |user )?(?:mail ?box|user|account|address|recipient)
            mail ?box (?:currently )?(?:suspended|disabled|frozen)
            disableduser
            account (?:is )?(?:not active|inactive|has been inactive)
            inactive (?:user|account|mailbox|e-?mail account)
            (?:user|mailbox|recipient) (?:is )?inactive
            is a deactivated
            boxes? (?:is )?disabled
            (?:compte|bo[iî]te|adresse(?! ip)) .{0,30}(?:d[ée]sactiv|suspendu|bloqu|inactif|inactive|ferm[ée])
            konto .{0,30}(?:gesperrt|deaktiviert)
            postfach .{0,30}(?:gesperrt|deaktiviert)
            cuenta .{0,30}(?:suspendid|desactivad|deshabilitad|bloquead)
            conta .{0,30}(?:suspens|desativad|bloquead)
            account .{0,20}(?:geblokkeerd|sospeso|disabilitato|disattivato)
            sleeping account
            user not active
        """),
    ),
    Wording(
        "contenterror",
        phrases(r"""
            duplicate header
            headers? (?:is |are |was )?too (?:large|long|many)
            too many headers
        """),
    ),
    Wording(
        "exceedlimit",
        phrases(r"""
            (?:length|size) (?:of (?:the |this )?message )?(?:exceed\w*|larger than|over) (?:the )?(?:limit|size|
            …maximum)?.{0,20}(?:set )?(?:by|for|of) (?:the |this )?recipient
            message size exceeds fixed maximum
            exceeds? (?:the )?recipient
        """),
    ),
    Wording(
        "mesgtoobig",
        phrases(r"""
            exceed\w* (?:the )?(?:\w+ ){0,3}message size
            (?:message|mail|e-?mail|content|attachment|header and body|body|data)(?:'s)? ?(?:size|length)? ?(?:is |
            …was )?(?:too (?:big|large|long)|exceed\w*|larger than|over (?:the )?(?:maximum|limit|
            …size))(?! (?:the )?(?:rate|number|recipients))
            (?:maximum|max|fixed|allowed|permitted) (?:allowed )?(?:message |mail )?(?:size|length)
            size limit
            (?<!headers )(?<!header )too large
            \btoo big\b
            exceed\w* (?:the )?(?:maximum )?(?:message |mail |size )+(?:size|limit)
            message (?:trop|est trop) (?:gros|volumineu)
            taille (?:du message|maximale)
            zu gro(?:ß|ss)
            demasiado grande
            muito grande
            troppo grande
            te groot
            サイズ.{0,12}(?:超|大き)
        """),
    ),
    Wording(
        "badreputation",
        phrases(r"""
            (?:low|bad|poor|sender|ip|domain|negative|reputation of|your|its|the) reputation
            reputation (?:is|of|service|score|based|too|problem)
            senderbase
            sender ?score
            (?:untrusted|suspicious) (?:ip|network|source)
        """),
    ),
    Wording(
        "toomanyconn",
        phrases(r"""
            trop de (?:connexions|sessions)
            (?:connection )?frequency limit
            too many (?:concurrent |simultaneous |open |smtp )*(?:connections|sessions)
            connections? (?:rate|limit|count)
            (?:concurrent|simultaneous) (?:smtp )?(?:connections|sessions)
            max\w* (?:number of )?connections
            exceed\w* .{0,30}(?:connections?|sessions?)(?: limit)?\b
        """),
    ),
    Wording(
        "speeding",
        phrases(r"""
            receiving (?:mail|e-?mail) too (?:quickly|fast)
            rate[- ]?limit
            (?:message|mail|sending|receiving|recipient|e-?mail|receive) rate
            too many (?:messages|mails|e-?mails|recipients|requests|emails)
            too (?:fast|quickly|much mail|frequent)
            throttl
            slow down
            at a rate (?:that|which)
            unusual rate
            (?:hourly|daily|per[- ](?:hour|day|minute)) (?:\w+ ){0,3}(?:limit|quota|maximum)
            limit (?:per|for the) (?:hour|day|minute)
            sending (?:limit|quota)
            (?:daily|hourly) .{0,30}exceed
            per hour
            maximum (?:defers|number of (?:messages|recipients))
        """),
    ),
    Wording(
        "norelaying",
        phrases(r"""
            (?<!open )\brelay(?:ing|ed)?\b.{0,24}(?:denied|not permitted|prohibited|not allowed|refused|forbidden|
            …reject|not authori[sz]ed|disabled|restrict|not supported)
            (?:denied|not permitted|prohibit\w*|cannot|can't|not allowed|unable|refus\w*|do not|don't|won't|deny|no|
            …not) (?:to |mail |any |allowed to |permitted to |as an open )?(?:relay(?:ing|s)?)\b
            (?:e-?mail address|sender|identity|domain) (?:is )?not verified
            not (?:a )?local (?:domain|host)
            isn't in my list of allowed rcpthosts
            rcpthosts
            not a gateway
            we do not relay
            relais (?:non|refus|interdit)
            mail server requires authentication when
        """),
    ),
    Wording(
        "blocked",
        phrases(r"""
            use the (?:smtp|mail) (?:server|relay) of your
            unwanted (?:messages|mail|e-?mail)s? (?:have|has) been
            messages? from (?:\[?[\d.]+\]? )?were ?n.t sent
            not accepted from (?:this|your) (?:ip|host|network|server)
            blocked for (?:abuse|spam)
            ip (?:\w+ )?bloqu[ée]e?
            spams? from your
            \bblocklist\b
            manually blocked
            blocked (?:by )?senders?
            \b(?:black|block|deny|ban)[ -]?(?:list|hole)
            dns-?[bw]l
            \b\w{0,4}rbls?\b
            rbl[:+]
            spamhaus
            spam ?cop
            sorbs
            barracuda ?central
            \bsbl\b
            \bxbl\b
            \bpbl\b
            \((?:bl|rbl)\)
            blacklisted
            blocklisted
            cloudmark
            (?:banned|bad|invalid) (?:sending |sender |client )?(?:ip|helo|ehlo)\b
            banned (?:sending )?(?:host|address|sender)
            \b(?:ip|client|host|network|server)s?(?: address)?(?: \S+)? (?:\S+ )?(?:is |are |was |has been |
            …have been |being |currently |temporarily )*(?:blocked|banned|listed|denied|prohibited|forbidden|
            …refused)(?! sender)
            (?:blocked|banned|listed|rejected|denied) (?:by|using|at|in|for|because|due to|from|
            …access) (?:\w+ ){0,4}(?:ip|list|host|address|network|zone|dns|client|recipient'?s? (?:server|mail))
            client host (?:\S* )?(?:rejected|blocked)
            (?:helo|ehlo) (?:command )?(?:rejected|denied|invalid)
            blocked - see
            mail from (?:ip |\S+ )?(?:is |was )?(?:blocked|refused|rejected by|not accepted)
            not accepting (?:connections|mail from)
            (?:service|connection|access|session) (?:was |is |has been )?(?:refused|denied|blocked|dropped|closed|
            …not allowed) (?:from|for|due)
            your (?:ip|network|server|host|mail server|mta|client|access to|domain|isp)\b.{0,60}(?:block|banned|
            …list|reject|denied|refus|not allowed|suspicious|dynamic)
            dynamic(?:ally)?[ -](?:ip|assigned|address|host|dns)
            dial-?up
            residential
            open (?:proxy|relay)
            not authori[sz]ed to (?:send|deliver) (?:e?-?mail )?(?:directly|from this ip|to this (?:server|mta))
            (?:too many|excessive) (?:spam|complaints|bad commands|errors|invalid recipients|unknown users) from
            grey ?list
            gray ?list
            proofpoint
            refused smtp service
            no access from
            go away
            ip \S* ?not (?:allowed|permitted)
        """),
    ),
    Wording("policyviolation", phrases(r"potential security (?:issue|risk|threat)")),
    Wording(
        "notcompliantrfc",
        phrases(r"""
            rfc ?\d{3,4}.?(?:compliant|compliance)
            (?:multiple|duplicate|more than one) (?:addresses in )?(?:from|to|date|message-?id|subject|
            …sender):? headers?
            (?:multiple|several) from addresses
        """),
    ),
    Wording(
        "spamdetected",
        phrases(r"""
            \b(?:ofr|lpn)\d*_50[56]\b
            mail (?:jug[ée]|class[ée]) (?:comme )?ind
            \bspam(?!haus|cop|\s?trap\b)
            \bjunk(?: ?mail)?\b
            unsolicited
            \bbulk (?:mail|e-?mail)
            \bube\b
            \buce\b
            spammy
            phish
            message (?:content |body )?(?:was |is |has been )?(?:looks like|considered|classified|identified|
            …flagged) (?:\w+ )?(?:spam|unwanted|bulk)
            content (?:rejected|blocked|filter|unacceptable|not accepted)
            (?:rejected|blocked) (?:\w+ ){0,3}content
            content of (?:this|the|your) message
            high (?:probability|score)
            bayes
            迷惑メール
            unerw[uü]nscht
            ind[ée]sirable
            no deseado
            indesejad
            indesiderat
        """),
    ),
    Wording(
        "notaccept",
        phrases(r"""
            null ?mx
            (?:domain|host|server|system)\S* (?:\S+ )?(?:does not|doesn't|do not|never|
            …no longer) (?:accept|receive|handle)s? (?:\w+ )?(?:mail|e-?mail|messages)(?! from)(?! for)
            \b(?:no|(?:couldn't|could not|cannot|can't|unable to) (?:find|locate|resolve)) (?:an? |any |valid )*
            …(?:smtp service|(?:mx|mail exchange\w*|mail server)\b(?! response)(?:.{0,30}(?:found|available|exist|
            …record|for|or ip)|\W*$))
            mx (?:record )?(?:points? to|resolves? to) (?:localhost|nothing|an? invalid|loopback)
            has no mail server
            accepts no mail
            mx_?nopreference
            mxs? for .{0,30}(?:does|do) not accept
            mail receiving disabled
            destination seem to reject all mails
            null mail exchange
        """),
    ),
    Wording(
        "rejected",
        phrases(r"""
            not (?:from )?a member
            members[- ]only
            non-?member
            bad outbound sender
            exp[ée]diteur .{0,30}(?:inconnu|refus|rejet|invalide)
            \bsender\b(?: address| domain| \S+)? ?(?:\S+ )?(?:is |was |has been |were )?(?:reject|refus|denied|
            …not (?:allow|accept|permit|authori[sz]|exist|found|valid|verif)|invalid|unknown|banned|does not|
            …doesn't|could not|cannot|must|verif)
            (?:reject|refus|den|invalid|bad|unknown|unverified|illegal|unacceptable|unauthori[sz]ed)\w* (?:the |
            …your |envelope |return |mail |this )*sender(?:'s)?\b
            domain of sender
            sender'?s? (?:domain|address|mailbox)\b.{0,60}(?:reject|not exist|invalid|not found|unknown|refus|
            …could not|cannot|not resolve|fail)
            (?:mail from|return[- ]path|envelope[- ]from|originator|reverse[- ]path|from address|from domain|
            …sending domain)\b.{0,60}(?:reject|not exist|invalid|refus|not accept|not valid|not allow|not resolv|
            …not permitted|unknown|unresolv|denied|not authori)
            sender verify failed
            (?:server|host) rejected mail from
            but sender was rejected
            access denied.{0,20}sender
            null sender
            bounce (?:message|mail)s? (?:is |are )?not accept
            empty envelope (?:sender|from)
            we do(?: no|n')t accept (?:mail|bounces) from
            domain .{0,30}no longer.{0,10}accepts mail from
            unable to verify sender
            all recipient addresses rejected
            due to unexpected volume
            not allowed to (?:send|post)
            permission to (?:post|send)\s
            can(?:'t|not) (?:post|send) (?:messages )?to (?:the|this) (?:group|list)
            group .{0,90}(?:may not exist|join)
            smtp server does not advertise auth
        """),
    ),
    Wording(
        "hostunknown",
        phrases(r"""
            (?:host|domain|domain name|server name|hostname|site|system|node)(?: name)?(?:s)? ?(?:\S+ )?(?:is |was |
            …are |were |could |can |does |do |has |be |does't )*(?:not |n't |n't be |not be |be )*(?:unknown|
            …not (?:be )?(?:found|exist|known|resolv|valid|registered)|nonexist|non-?exist|invalid|
            …couldn't be (?:found|resolved)|doesn't exist|does not exist|no such)(?! (?:user|recipient|mailbox|address))
            (?:unknown|no such|bad|invalid|unresolvable|non-?existent|illegal) (?:destination |recipient |mail |
            …target |remote )?(?:host|domain|system|hostname|host/domain|site|node)(?! command)
            bad destination (?:system|host)
            nxdomain
            host (?:or domain )?name not found
            unroutea?ble (?:mail |e-?mail )?(?:address|domain|host)
            unroutable
            name service error for
            all (?:relevant mx records|host address lookups).{0,60}(?:non-existent|failed permanently|point)
            no such domain
            domain .{0,40}(?:introuvable|n'existe pas|inconnu)
            domaine .{0,40}(?:introuvable|n'existe|inconnu)
            hôte inconnu
            dom[aä]ne? .{0,40}(?:nicht gefunden|existiert nicht|unbekannt)
            dominio .{0,40}(?:no existe|no se (?:ha )?(?:encontr|pudo)|non esiste|inesistente|desconocid)
            dom[ií]nio .{0,40}(?:não existe|não (?:foi )?encontrad)
            domein .{0,30}(?:bestaat niet|niet gevonden)
            dns (?:lookup failure|error|type).{0,60}(?:not found|nxdomain|no relevant answers|not exist)
            (?:could not|couldn't|cannot) (?:find|resolve) the (?:domain|host)
            ドメイン.{0,12}(?:存在しま|見つかりま|不明)
        """),
    ),
    Wording(
        "mailererror",
        phrases(r"""
            command output
            \b(?:procmail|maildrop)\b
            local(?:ly)? deliver\w* (?:agent )?fail
            command (?:died|failed|line usage)
            pipe (?:to|command|transport)
            mailer (?:error|said)
            child (?:process )?(?:crash|return|exit|died)
            exit (?:status|code)
            x-unix
            unknown mailer error
            permission denied.{0,20}(?:file|open|creat)
            (?:couldn't|could not|can't|cannot|failed to|unable to) (?:create|open|append|read|write) (?:\w+ ){0,3}(?:/|
            …file|folder|mail ?box|spool)
            signal \d
            fatal error (?:in|from) (?:mailer|program)
            return(?:ed)? (?:error )?(?:code|status) \d+ from
        """),
    ),
    UNKNOWN,
    Wording(
        "filtered",
        phrases(r"""
            (?:message|mail|e-?mail) (?:was |is |has been )?filtered
            recipient'?s? (?:\w+ )?(?:preferences?|polic(?:y|ies)|settings?|filters?|has (?:blocked|rejected|
            …refused)|server has blocked|does not accept|is not accepting|only accepts?|restrict\w+)
            (?:preferences|settings|rules) of the (?:person|recipient|user)
            \b(?:user|recipient|he|she|account|mailbox|person) (?:(?:is |has |does |do |did )?not |doesn't |
            …refuses |refuses to |only )(?:to )?(?:accept|receiv|want|wish)\w*
            (?:doesn't|does not) (?:accept|want|wish)
            not accepting (?:mail|messages) (?:from you|at this|for)
            user (?:has )?reject
            refused by (?:the )?(?:recipient|user)(?! (?:domain|server)|'s)
            rejected by (?:the )?(?:recipient|user|his|her|filter)(?! (?:domain|server|organi[sz]ation|system)|'s)
            filter(?:ed)? (?:rule|by)
            受信拒否
            受信を拒否
            refus[ée] par (?:le )?destinataire
            vom empf[aä]nger (?:ab|zur[uü]ck)
        """),
    ),
    Wording(
        "networkerror",
        phrases(r"""
            could not find a gateway
            too many hops
            hop count (?:exceeded|too)
            (?:mail|routing|message|smtp|forwarding)[ -]?loop
            loop(?:s|ing)? (?:back|detected)
            loops back to (?:myself|me)
            \b(?:dns|name ?server|host ?name|name (?:resolution|service))\b.{0,40}(?:fail|error|lookup|time ?out|
            …problem|temporar)
            no route
            network is unreachable
            unable to route
            routing (?:error|server failure)
            (?:wasn't able|unable|not able) to establish an smtp connection
            lookup (?:failure|failed)
            config(?:uration)? error.{0,40}mx
            malformed or unexpected name server
            no relevant answers
            mail server .{0,40}dns
        """),
    ),
    Wording(
        "notcompliantrfc",
        phrases(r"""
            \brfc[ -]?\d{3,4}(?!\d*\s*;)
            not (?:rfc|compliant)
            (?:multiple|duplicate|missing|no|more than one) (?:addresses in )?(?:valid )?(?:from|to|date|
            …message-?id|subject|sender)\b.{0,4}(?:header|field)
            (?:header|field)s? (?:is |are )?(?:missing|required)
            bare (?:lf|cr|line ?feed)
            specification
        """),
    ),
)
"""Believed before any status code."""
