"""The readable pages of a message that leaves encrypted. Drawn by a sandbox worker alone."""
