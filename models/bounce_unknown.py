"""“No such user”, in the words of mail systems and in ten languages."""

from typing import Final

from models.bounce_wording import Wording
from models.phrases import phrases

_WHO: Final = (
    r"(?:user(?: ?name| ?id)?|recipient(?: address| name| mailbox)?|mail ?box|inbox|(?:e-?mail )?address(?:ee)?"
    r"|(?:e-?mail )?account|alias|person|local[ -]part|customer|destinat(?:ion|ary)(?: address)?|rcpt)"
)
_NOT: Final = (
    r"(?:is |was |are |were |has |have |had |could |can |does |do |did )?(?:not |n't )"
    r"|(?:isn|wasn|aren|couldn|can|doesn|didn|don)'?t "
)

UNKNOWN: Final = Wording(
    "userunknown",
    phrases(
        r"""
            (?:unknown|no such|invalid|non-?existent|nonexistant|unrecogni[sz]ed|illegal|bad|incorrect|
            …undeliverable|wrong|no valid|not a valid|not a known|no local|unkown) (?:\w+ |e-mail |
            …or \w+ ){0,2}?<who>s?\b(?! \w* ?syntax)
            <who>s?(?: \S+)? ?(?:[:;,.(\[-] ?)?(?:is |was |are |were |seems |appears |
            …to be )*(?:currently )?(?:unknown|invalid|non-?existent|incorrect|undeliverable|unkown|misspelled)\b
            <who>s?(?: \S+)? ?(?:that you (?:tried|attempted) to reach |you (?:entered|specified|
            …are trying to reach|tried to \w+) |here |in \w+ )?(?:\S+ )?(?:<not>)(?:be )?(?:currently |a )?(?:valid|
            …found|known|exist\w*|recogni[sz]ed|listed|registered|defined|located|present|on file|
            …delivered because|have an? )
            (?:doesn't|does not|do not|don't) (?:currently )?have an? .{0,40}?(?:account|mailbox|address)\b
            (?:doesn't|does not|did not|didn't) (?:\w+ )?(?:exist|match any)\b
            no (?:such )?(?:mailbox|account|user|recipient|person|one|mail drop)s? (?:here|by|with|under|for|of|
            …named|called|at|in|on|found|exists?)\b
            there is no (?:such )?(?:user|account|mailbox|one|recipient|person|address)
            not (?:a |an )?(?:valid|known|local|existing|listed|recogni[sz]ed|registered) (?:\w+ )?(?:user|mailbox|
            …recipient|address|account|member)
            (?:user|name|recipient|id|address)\s+not (?:listed )?(?:in|on|a member of)\b
            not listed in
            not (?:in|on) (?:the |our |this )?(?:directory|server|list of)
            not on this (?:server|system|host)
            recipnotfound
            unknown[- ]user
            nosuchuser
            no such (?:person|name|local|object|email)
            (?:name|recipient) (?:is )?not recogni[sz]ed
            (?:address|recipient|user|mailbox|account)\b.{0,16}(?:couldn't|could not|cannot|can't) be (?:found|
            …located|resolved|delivered to)
            address not found
            no longer (?:accepts? (?:mail|e-?mail)|valid|exists?|available|in (?:use|service)|a valid|has an)
            (?:has been|was) (?:deleted|removed)
            unable to (?:find|locate|validate|resolve) (?:the )?(?:recipient|user|mailbox|address|account)
            recipient address rejected: (?:access denied|user|undeliverable|unknown|unverified|no such|not)
            verification (?:of recipient )?failed.{0,30}recipient
            (?:check|checking|verify) (?:if |that |for |the |your )*(?:recipient's )?(?:e-?mail )?address
            ambiguous (?:recipient|address)
            (?:adresse|destinataire|utilisateur|bo[iî]te|compte)s?\b.{0,70}?(?:introuvable|inconnue?s?\b|invalide|
            …inexistant|n'existe|n'a (?:pas )?(?:été |pu être )?(?:pas )?trouv|incorrecte|erron|n'est pas valide|
            …non trouv)
            (?:aucune? |pas d')(?:utilisateur|bo[iî]te|adresse|destinataire|compte)
            (?:benutzer|empf[aä]nger|adresse|postfach|mailbox|konto|teilnehmer)\w*\b.{0,60}?(?:unbekannt|
            …nicht gefunden|existiert nicht|nicht vorhanden|ung[uü]ltig|ist nicht bekannt|konnte nicht gefunden|
            …nicht bekannt|existiert auf)
            unbekannte[rs]? (?:benutzer|empf|adress|postfach)
            (?:usuario|destinatario|direcci[oó]n|buz[oó]n|cuenta)\b.{0,60}?(?:desconocid|no existe|inexistente|
            …inv[aá]lid|no v[aá]lid|no (?:se )?(?:ha |ha sido |fue |pudo )?(?:podido )?(?:encontr|localiz)|
            …incorrect)
            (?:usu[aá]rio|destinat[aá]rio|endere[cç]o|caixa postal|conta)\b.{0,60}?(?:desconhecid|não existe|
            …inexistente|inv[aá]lid|não (?:foi |pôde ser )?encontrad)
            (?:utente|destinatario|indirizzo|casella|account)\b.{0,60}?(?:sconosciut|non esiste|inesistente|
            …non valid|non (?:è stat\w |trovat|è valid)|non trovat)
            (?:gebruiker|ontvanger|e-?mailadres|adres|postvak|geadresseerde)\b.{0,60}?(?:onbekend|bestaat niet|
            …niet gevonden|ongeldig|niet bekend|kan niet worden gevonden)
            onbekende (?:gebruiker|ontvanger)
            (?:宛先|ユーザ|アドレス|受信者|メールボックス|リスト|あて先)ー?.{0,24}(?:存在しま|見つかりま|不明|不正|ありません|みつかりま|間違|認識)
            (?:пользовател|адрес|получател|ящик)\S*.{0,40}(?:не найден|не существует|неизвест)
            (?:用户|收件人|邮箱|地址|帐号|账号)\S{0,20}(?:不存在|未找到|找不到|无效)
            (?:användare|mottagare|adress)\w*.{0,40}(?:okänd|finns inte|hittades inte)
            (?:użytkownik|adres|odbiorc)\w*.{0,40}(?:nieznan|nie istnieje|nie znaleziono)
            (?:bruger|modtager|adresse)\w*.{0,40}(?:ukendt|findes ikke)
        """,
        who=_WHO,
        **{"not": _NOT},
    ),
)

WEAK: Final = Wording(
    "userunknown",
    phrases(r"""
        mail ?box (?:name )?(?:is )?(?:unavailable|not available|not allowed)
        (?:recipient|address|user|rcpt) (?:address )?(?:was |is |has been )?(?:rejected|refused|
        …denied)(?! ?: (?!user|unknown|undeliver|invalid|no ))
        rejected address
        inactive (?:e-?mail )?address
        not accept(?:ing|ed)? (?:this |the )?(?:recipient|address)
        does not like recipient
        (?:invalid|bad) (?:email )?(?:name|mailbox)
    """),
)
"""What systems say of an address for many causes: believed where neither the code nor anything else says more."""

NO_ACCOUNT: Final = phrases(r"""
    (?:doesn't|does not|do not|don't) (?:currently )?have an? .{0,40}?(?:account|mailbox)\b
    (?:account|mailbox|user) (?:has been |was )(?:deleted|removed)
""")
"""Says of the account itself that there is none: no filter puts it so, whatever it was an answer to."""
