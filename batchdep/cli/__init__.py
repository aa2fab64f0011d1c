"""The command line: one module a command, each only parses, calls and prints."""

import gc

# Before the modules of a command are imported: they make hundreds of thousands of objects that stay, and looking at
# them again and again for garbage costs a fifth of the start-up. What a run makes afterwards is still found in time.
gc.set_threshold(50_000, 20, 20)
