"""The command line: one module a command, each only parses, calls and prints."""

import gc

# Before the modules of a command are imported: they make a hundred thousand objects that stay, and looking at them
# again and again for garbage costs a fifth of the start-up. A run looks more often (cli/starting.py).
gc.set_threshold(150_000, 20, 20)
