"""Readers of the export files of other comment systems. None of them touches the database.

Each reader yields the records of `records` in the order of its file. It keeps to what the file says: it guesses
no state, no time zone and no parent.
"""
