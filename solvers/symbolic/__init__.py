"""The symbolic side: expressions as people type them, read without running anything, and whether two of them are equal.

`grammar.read` makes a tree from text, `meaning.Pair` settles what its names stand for, `decide.decide` compares two of
them numerically at many points, and `prover.proved` asks SymPy for a proof. `equivalence.equivalent` does all of it.
"""
