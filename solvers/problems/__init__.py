"""JSON in front of the pure functions: each function takes one solver's inputs and returns its outputs."""
