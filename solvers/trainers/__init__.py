"""One gradient step of each trainer on the small GPT, built from the very losses that `solvers` gives to be drilled.

Each algorithm has settings (a frozen dataclass), an objective (models and batch to a loss, nothing changed) and a step
(zero_grad, backward, clip, optimizer.step; metrics out). Whole runs are loops around these.
"""
