"""One page, one file, found by package scan: `PAGES` says which paths it answers."""
