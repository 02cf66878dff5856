"""PyTorch itself, as small functions that exercises and drills call: each does one thing and returns its numbers.

Where PyTorch does something for you, the function here does it by hand, and the tests hold it against PyTorch.
"""
