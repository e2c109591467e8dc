"""Draws and encodes the emulator's clips; runs only in a child process (``python -m emulator.render``)."""
