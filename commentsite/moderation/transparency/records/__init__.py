"""Comparison of the stored comments, decisions and letters with the audit log."""
