"""The ways to sign in; one file, one way. All of them end in the same session."""
