"""What you see: the screens, the command line and the study session."""

__version__ = "0.1.0"
