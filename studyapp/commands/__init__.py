"""The commands: one module each, its click command named `command`. Output on stdout, messages on stderr."""
