"""The generators of numeric drills: small functions from a seeded source to one exercise, named in a deck's text."""
