"""Recipients: the list with its form, and the page of one person."""
