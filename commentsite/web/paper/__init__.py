"""Letters on paper: the PDF of a letter with its comments, drawn by a process of its own."""
