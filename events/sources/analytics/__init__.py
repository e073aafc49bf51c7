"""Product analytics: Segment, RudderStack, PostHog and Amplitude, who all tell acts of persons.

Each has a module that reads its messages; what it means that a person did something, belongs to an
account or turned out to be another one is said once, in ``source``.
"""
