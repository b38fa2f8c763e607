"""The officers' pages: why a mail was held, what to do with it, who did what."""
