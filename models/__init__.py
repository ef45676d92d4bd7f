"""Envoi's nouns and rules. No Reflex, no sockets, no clock: `session` comes first, `now` comes in when time matters.

Glossary (one word per thing: table, class, file, address, button)
    Recipient        an account, contact, lead or user who can be mailed; has one primary address
    Address          the normal form of an address, a row of its own: consent and suppression hang on it
    Target List      recipients gathered to be mailed or to be excluded
    Campaign         gathers mass emails, target lists and tracking URLs, and shows their results
    Mass Email       one mailing of a campaign: a template version, its lists, a Date Start, a status
    Queue Item       one person of one mass email: exactly one per (mass email, address)
    Left Out         a person who does not get a mass email, with the one reason
    Claim            a leased group of queue items in the hands of one worker
    portion          what one run of Send Mass Emails sends for one mass email
    Log Record       what happened to one person: sent, opened, clicked, opted out or in, bounced, complained, failed
    Machine Rule     an administrator's word on who is a person and who a machine, by network or user agent
    Tracking URL     a destination with a code to paste; Link: one tracked link of one mass email
    Suppression      an address that is not mailed: hard bounce, complaint, soft bounces, invalid, manual, erased
    Erasure          a person taken out of everything on request; a hash of the address stays, so do the figures
    Opt-out          an address that declined a list, or everything
    SMTP Account     a server that mail is handed to, with its limits
    Sending Route    the SMTP accounts that a mass email leaves by; lane: one of them that may be used now
    Sending Window   on which weekdays and between which hours a mass email may leave
    Group Email Account   a mailbox that is watched for what comes back
    Return path      the envelope sender of a message, with a token in it once that is verified
    Webhook          an address that an email provider reports bounces, complaints and opt-outs to
    Scheduled Job    what the scheduler runs, when, and whether it is Active
    Report           a saved filter over recipients

Life cycles
    Mass Email   Draft ⇄ Pending → In Process ⇄ Paused → Complete; → Cancelled (final), → Failed → Draft
                 (mass_email.MOVES)
    Queue Item   waiting → held → sent | failed | uncertain | skipped | cancelled; a temporary failure waits again
    Claim        claimed → on_wire → settled; lease over: claimed → expired (its items wait again), on_wire → uncertain
"""
