"""Pure values and rules. Imports nothing of the project's other packages, and does no I/O."""
