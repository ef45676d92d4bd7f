"""What came back: the mails of the watched mailboxes, with their verdicts."""
