"""The symbolic side: expressions as people type them, read without running anything, and whether two of them are equal.

`equivalence.equivalent` does all of it: `grammar.read` makes a tree from text, `meaning.settle` says what its names
stand for, `decide.decide` compares two of them numerically at many points, and `prover` asks SymPy for a proof.
"""
