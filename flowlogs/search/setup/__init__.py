"""The set-up of a server: what is put into it before the first document, step by step."""
