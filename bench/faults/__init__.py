"""What is done to a running site, and what it says and keeps meanwhile."""
