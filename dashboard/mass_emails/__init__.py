"""Mass emails: the list, the form that creates and edits one, the page of one."""
