"""Bytes reach people: the ways a mail is handed over, and the program's own notices."""
