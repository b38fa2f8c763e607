"""One resource, one file, found by package scan: `ROUTES` says which paths it answers."""
