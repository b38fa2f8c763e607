"""Steps, each with the way back."""
