"""Exchange of letters and comments with other programs."""
