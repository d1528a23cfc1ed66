"""The export format of this program: its records, and the import of such a file."""
