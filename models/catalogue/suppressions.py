"""Words of suppressions: the list, adding, releasing, import and export."""

WORDS = {
    "people.reason.erased": ("erased on request", "effacée sur demande"),
    "send_test.suppression.erased": ("erased on request", "effacée sur demande"),
    "audience.because.suppressed.erased": ("Erased on request.", "Effacée sur demande."),
    "job_run.count.suppressions": (
        "{count} address released || {count} addresses released",
        "{count} adresse débloquée || {count} adresses débloquées",
    ),
    "job_run.count.erasures": (
        "{count} erasure ended || {count} erasures ended",
        "{count} effacement terminé || {count} effacements terminés",
    ),
    "consent.unknown_address": (
        "This address is not known here: it has no history.",
        "Cette adresse n’est pas connue ici : elle n’a pas d’historique.",
    ),
    "suppressions.erased_stays": (
        "This address was erased on request: it is never mailed again.",
        "Cette adresse a été effacée sur demande : plus aucun email ne lui est envoyé.",
    ),
    "suppressions.gone": ("This suppression is gone.", "Ce blocage n’existe plus."),
    "suppressions.no_address_column": (
        "No column holds addresses: name one “email”.",
        "Aucune colonne ne contient d’adresses : en nommer une « email ».",
    ),
    "suppressions.ended": ("Its end has passed", "Sa date de fin est passée"),
    "suppressions.erased_row": (
        "Erased on request: no address is kept",
        "Effacée sur demande : aucune adresse n’est conservée",
    ),
    "suppressions.no_moment": ("“{value}” is no moment", "« {value} » n’est pas une date"),
    "suppressions.until_past": ("Choose a moment to come.", "Choisir un moment à venir."),
    "erasure.other_key": (
        "The installation’s secret is another one than when people were erased. Put it back: without it nobody can "
        "tell whether an address was erased.",
        "Le secret de l’installation n’est plus celui du moment où des personnes ont été effacées. Le remettre : sans "
        "lui, impossible de savoir si une adresse a été effacée.",
    ),
    "erasure.record_erased": (
        "This person was erased on request: nothing can be written here any more.",
        "Cette personne a été effacée sur demande : plus rien ne peut être saisi ici.",
    ),
    "erasure.user": (
        "This is somebody who signs in here: their name and address stay, for the audit trail names them.",
        "Cette personne se connecte ici : son nom et son adresse restent, car le journal d’audit la nomme.",
    ),
    "erasure.unknown_address": (
        "This address is not known here: there is nothing to erase.",
        "Cette adresse n’est pas connue ici : il n’y a rien à effacer.",
    ),
    "erasure.under_way": (
        "A message to this person is on its way at this moment. Try again in a minute.",
        "Un message à cette personne est en cours d’envoi. Réessayer dans une minute.",
    ),
    # the list
    "nav.suppressions": ("Suppressions", "Adresses bloquées"),
    "suppressions.about": (
        "Addresses that are not mailed, whoever has them.",
        "Adresses auxquelles rien n’est envoyé, quel que soit leur titulaire.",
    ),
    "suppressions.reason": ("Reason", "Raison"),
    "suppressions.evidence": ("Evidence", "Preuve"),
    "suppressions.until": ("Until", "Jusqu’au"),
    "suppressions.for_good": ("for good", "sans fin"),
    "suppressions.provider": ("Provider", "Messagerie"),
    "suppressions.nobody": ("no recipient", "aucun destinataire"),
    "suppressions.erased_address": ("Erased on request", "Effacée sur demande"),
    "suppressions.is.hard_bounce": ("Bounced for good", "Retour définitif"),
    "suppressions.is.complaint": ("Complained", "Plainte"),
    "suppressions.is.soft_bounces": ("Bounced repeatedly", "Retours répétés"),
    "suppressions.is.invalid": ("Invalid address", "Adresse invalide"),
    "suppressions.is.manual": ("By hand", "À la main"),
    "suppressions.is.erased": ("Erased on request", "Effacée sur demande"),
    "suppressions.view.hard_bounce": ("Hard bounces", "Retours définitifs"),
    "suppressions.view.complaint": ("Complaints", "Plaintes"),
    "suppressions.view.soft_bounces": ("Soft bounces", "Retours répétés"),
    "suppressions.view.invalid": ("Invalid", "Invalides"),
    "suppressions.view.manual": ("By hand", "À la main"),
    "suppressions.view.erased": ("Erased", "Effacées"),
    "suppressions.none": ("No address is suppressed", "Aucune adresse bloquée"),
    "suppressions.none_text": (
        "Hard bounces, repeated soft bounces and complaints come here by themselves. Add an address that must not be "
        "mailed, or import the list of your former system.",
        "Les retours définitifs, les retours répétés et les plaintes arrivent ici d’eux-mêmes. Ajouter une adresse à ne "
        "plus solliciter, ou importer la liste de l’ancien système.",
    ),
    # adding
    "suppressions.add": ("Suppress an address", "Bloquer une adresse"),
    "suppressions.add_text": (
        "No mass email reaches it, by whichever record. The address need not be anybody’s yet.",
        "Aucun email en masse ne l’atteint, quelle que soit la fiche. Elle peut n’appartenir encore à personne.",
    ),
    "suppressions.until_hint": (
        "Without an end it holds for good.",
        "Sans fin, le blocage est définitif.",
    ),
    "suppressions.note": ("Note", "Remarque"),
    "suppressions.note_hint": ("Why: it is shown as the evidence.", "Pourquoi : elle tient lieu de preuve."),
    "suppressions.added": ("The address is suppressed.", "L’adresse est bloquée."),
    "suppressions.changed": (
        "It was suppressed by hand already: end and note are changed.",
        "Elle était déjà bloquée à la main : fin et remarque sont modifiées.",
    ),
    # evidence
    "suppressions.show_evidence": ("Show the evidence", "Afficher la preuve"),
    "suppressions.message": ("Mass email", "Email en masse"),
    "suppressions.reply": ("What the server replied", "Réponse du serveur"),
    "suppressions.by_mail": ("The mail to {name}, {at}", "Le mail reçu sur {name}, {at}"),
    "suppressions.by_event": ("What {name} told, {at}", "Ce qu’a annoncé {name}, {at}"),
    "suppressions.not_kept": (
        "Its text is not kept any more.",
        "Son texte n’est plus conservé.",
    ),
    "suppressions.no_evidence": ("There is no evidence but the reason.", "Aucune preuve hormis la raison."),
    # releasing
    "suppressions.release_question": (
        "Release {count} address? || Release {count} addresses?",
        "Débloquer {count} adresse ? || Débloquer {count} adresses ?",
    ),
    "suppressions.release_text": (
        "What releasing means:",
        "Ce que signifie débloquer :",
    ),
    "suppressions.release_mailed": (
        "Mail is sent there again, from the next portion on.",
        "Les envois reprennent dès la prochaine portion.",
    ),
    "suppressions.release_consent": (
        "Opt-outs stay: who declined a list or everything still gets none of it.",
        "Les désinscriptions restent : qui a refusé une liste ou tout n’en reçoit toujours rien.",
    ),
    "suppressions.release_again": (
        "If it bounces or complains again, it is suppressed again.",
        "En cas de nouveau retour ou de plainte, l’adresse sera rebloquée.",
    ),
    "suppressions.release_stay": (
        "{count} more was erased on request and stays. || {count} more were erased on request and stay.",
        "{count} autre, effacée sur demande, reste bloquée. || {count} autres, effacées sur demande, restent bloquées.",
    ),
    "suppressions.release_count": (
        "Release {count} address || Release {count} addresses",
        "Débloquer {count} adresse || Débloquer {count} adresses",
    ),
    "suppressions.released": (
        "{count} suppression released. || {count} suppressions released.",
        "{count} blocage levé. || {count} blocages levés.",
    ),
    "suppressions.keep": ("Keep suppressed", "Laisser bloqué"),
    # import
    "suppressions.import": ("Import", "Importer"),
    "suppressions.import_title": ("Import suppressions", "Importer des adresses bloquées"),
    "suppressions.import_about": (
        "What is suppressed already stays as it is; nothing is released.",
        "Ce qui est déjà bloqué reste tel quel ; rien n’est débloqué.",
    ),
    "suppressions.import_no_right": (
        "Importing suppressions needs the right to edit.",
        "L’import d’adresses bloquées demande le droit de modifier.",
    ),
    "suppressions.file_text": (
        "A CSV file of addresses: one column is enough. The export of this page, and those of Amazon SES, SendGrid, "
        "Postmark and others, are understood as they are.",
        "Un fichier CSV d’adresses : une colonne suffit. L’export de cette page et ceux d’Amazon SES, SendGrid, "
        "Postmark et d’autres se lisent tels quels.",
    ),
    "suppressions.drop_hint": (", or choose one. 100 MB at most.", ", ou en choisir un. 100 Mo au plus."),
    "suppressions.defaults": ("For rows that do not say it", "Pour les lignes qui ne le disent pas"),
    "suppressions.defaults_text": (
        "A column “reason”, “since”, “until” or “note” of the file comes first.",
        "Une colonne « raison », « depuis », « jusqu’au » ou « remarque » du fichier l’emporte.",
    ),
    "suppressions.columns_read": ("Read from it: {columns}", "Colonnes lues : {columns}"),
    "suppressions.column.address": ("address", "adresse"),
    "suppressions.column.reason": ("reason", "raison"),
    "suppressions.column.since": ("since", "depuis"),
    "suppressions.column.until": ("until", "jusqu’au"),
    "suppressions.column.evidence": ("evidence", "preuve"),
    "suppressions.rows": ("Rows", "Lignes"),
    "suppressions.new": ("New", "Nouvelles"),
    "suppressions.already": ("Suppressed already", "Déjà bloquées"),
    "suppressions.left_out": ("Rows with a problem, left out", "Lignes en erreur, écartées"),
    "suppressions.row": ("Row {row}", "Ligne {row}"),
    "suppressions.import_count": (
        "Suppress {count} address || Suppress {count} addresses",
        "Bloquer {count} adresse || Bloquer {count} adresses",
    ),
    "suppressions.imported": (
        "{count} address is suppressed from now on. || {count} addresses are suppressed from now on.",
        "{count} adresse est désormais bloquée. || {count} adresses sont désormais bloquées.",
    ),
    "suppressions.stopped": ("Stopped.", "Arrêté."),
    "suppressions.stopped_text": (
        "What was written stays. The same file again does the rest.",
        "Ce qui était écrit reste. Le même fichier, à nouveau, fera le reste.",
    ),
    "suppressions.open_list": ("Open the suppressions", "Ouvrir les adresses bloquées"),
    # ways of consent
    "people.way.preferences": ("preferences page", "page des préférences"),
    # the proof of consent
    "consent.message": ("{name} (version {version})", "{name} (version {version})"),
    "consent.ip": ("IP {ip}", "IP {ip}"),
    "consent.shown": (
        "{shown} of {count} event || {shown} of {count} events",
        "{shown} événement sur {count} || {shown} événements sur {count}",
    ),
    "consent.csv": ("The whole history as CSV", "Tout l’historique en CSV"),
    "consent.json": ("The whole history as JSON", "Tout l’historique en JSON"),
    "consent.of_all": ("Consent of all", "Consentements"),
    # erasure
    "erasure.erase": ("Erase on request", "Effacer sur demande"),
    "erasure.page": ("Erased on request, {at}.", "Effacée sur demande, {at}."),
    "erasure.page_text": (
        "Nothing of the person is kept but a hash of the address, so that nobody mails it again. Figures stay.",
        "Rien de la personne n’est conservé, hormis une empreinte de l’adresse pour que plus rien ne lui soit envoyé. "
        "Les chiffres restent.",
    ),
    "erasure.question": (
        "Erase this person, {count} record? || Erase this person, {count} records?",
        "Effacer cette personne, {count} fiche ? || Effacer cette personne, {count} fiches ?",
    ),
    "erasure.text": ("There is no way back.", "C’est sans retour."),
    "erasure.which": ("Records with this address", "Fiches qui ont cette adresse"),
    "erasure.all": (
        "Its record || All {count} records",
        "Sa fiche || Les {count} fiches",
    ),
    "erasure.only": ("This one alone", "Celle-ci seule"),
    "erasure.goes": ("What goes", "Ce qui disparaît"),
    "erasure.goes_details": (
        "Name, company, language, every field, and the address of this record.",
        "Nom, société, langue, tous les champs, et l’adresse de cette fiche.",
    ),
    "erasure.goes_details_and_address": (
        "Name, company, language, every field, and the address, with those it had before.",
        "Nom, société, langue, tous les champs, et l’adresse, avec les précédentes.",
    ),
    "erasure.goes.messages": ("Stored values and server replies of messages", "Valeurs et réponses des messages"),
    "erasure.goes.visits": ("Browser and IP of visits", "Navigateur et IP des visites"),
    "erasure.goes.consent_ips": ("IP in the history of consent", "IP dans l’historique du consentement"),
    "erasure.goes.mails": ("Words of mails that came", "Contenu des mails reçus"),
    "erasure.goes.webhook_events": ("Words of providers’ events", "Contenu des annonces de prestataires"),
    "erasure.goes.tests": ("Address and reply of tests", "Adresse et réponse des tests"),
    "erasure.goes.caught_mails": ("Caught mails", "Mails captés"),
    "erasure.stays": ("What stays", "Ce qui reste"),
    "erasure.stays_text": (
        "Every figure, the links in mail that has left, and without a name:",
        "Tous les chiffres, les liens des emails partis et, sans nom :",
    ),
    "erasure.stays.messages": ("Messages and their state", "Messages et leur état"),
    "erasure.stays.log_records": ("Log records", "Entrées du log"),
    "erasure.stays.entries": ("Entries of target lists", "Entrées de listes cibles"),
    "erasure.stays.consent_events": ("History of consent", "Historique du consentement"),
    "erasure.stays.opt_outs": ("Opt-outs", "Désinscriptions"),
    "erasure.never_again": (
        "A hash of the address stays: an import cannot bring this person back into a mailing. Files being imported are "
        "deleted after seven days at most.",
        "Une empreinte de l’adresse reste : un import ne peut pas ramener cette personne dans un envoi. Les fichiers "
        "d’import sont supprimés au plus tard après sept jours.",
    ),
    "erasure.kept_by": (
        "{count} other record keeps the address, and can be mailed. || "
        "{count} other records keep the address, and can be mailed.",
        "{count} autre fiche garde l’adresse et peut recevoir des emails. || "
        "{count} autres fiches gardent l’adresse et peuvent recevoir des emails.",
    ),
    "erasure.confirm": (
        "Erase {count} record || Erase {count} records",
        "Effacer {count} fiche || Effacer {count} fiches",
    ),
    "erasure.done": (
        "{count} record erased. || {count} records erased.",
        "{count} fiche effacée. || {count} fiches effacées.",
    ),
    # the command
    "cli.suppression.changed": (
        "It was suppressed for that reason already: end and note are changed.",
        "Elle était déjà bloquée pour cette raison : fin et remarque sont modifiées.",
    ),
    "cli.suppression.none": (
        "{address} is not suppressed, or not for that reason.",
        "{address} n’est pas bloquée, ou pas pour cette raison.",
    ),
    "cli.suppression.done": (
        "Of {rows} rows: new {new}, suppressed already {already}, with a problem and left out {problems}.",
        "Sur {rows} lignes : nouvelles {new}, déjà bloquées {already}, en erreur et écartées {problems}.",
    ),
    "cli.suppression.would": (
        "Of {rows} rows: would be new {new}, suppressed already {already}, with a problem {problems}. Nothing was written.",
        "Sur {rows} lignes : seraient nouvelles {new}, déjà bloquées {already}, en erreur {problems}. Rien n’a été écrit.",
    ),
    "cli.erase.which": (
        "Name an address, or a record with --recipient; --only goes with --recipient.",
        "Nommer une adresse, ou une fiche avec --recipient ; --only va avec --recipient.",
    ),
    "cli.erase.nothing": ("Nothing was erased.", "Rien n’a été effacé."),
    "cli.import.erased": (
        "{count} address was erased on request: it is never mailed. || "
        "{count} addresses were erased on request: they are never mailed.",
        "{count} adresse a été effacée sur demande : rien ne lui sera envoyé. || "
        "{count} adresses ont été effacées sur demande : rien ne leur sera envoyé.",
    ),
    "import.erased": (
        "{count} was erased on request and is never mailed. || {count} were erased on request and are never mailed.",
        "{count} a été effacée sur demande et ne recevra rien. || {count} ont été effacées sur demande et ne recevront rien.",
    ),
}
