"""Write the letters and comments of this site for other programs."""
