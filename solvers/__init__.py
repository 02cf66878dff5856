"""What is true: every algorithm the product teaches, as pure functions of float64 tensors.

Imports neither Textual nor SQLite. `solvers.catalogue` names the solvers that JSON can call.
"""
