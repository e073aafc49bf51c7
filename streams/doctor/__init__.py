"""The doctor: looks at an installation, says what is wrong with it and how to mend it.

What is asked over the network is gathered as facts, within a bounded time; the checks are functions
of facts. Nothing is written anywhere, and no secret is shown.
"""
