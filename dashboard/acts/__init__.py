"""Acts that several features offer: their dialogs, and the events that open them."""
