"""Fault injection: break a running site under load, and count lost comments, repeated emails and unclean errors."""
