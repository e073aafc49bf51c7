"""The JSON API under ``/api/v1/``: figures, what accounts have in them, and how whole they are.

An ``Operation`` is declared once: its parameters parse the query, its answer is a struct, and both
write the OpenAPI document. What is computed is computed by the code behind pages and commands.
"""
