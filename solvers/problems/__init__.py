"""JSON in front of the pure functions: each function takes one solver's inputs and returns its outputs.

Problems that come as JSON are small, so torch computes them in one thread: some of its functions (logsigmoid among
them) wake a second one even for a single number, which then costs up to a hundred times the work.
"""

import torch

torch.set_num_threads(1)
