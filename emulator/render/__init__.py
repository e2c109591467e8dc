"""Draws and encodes the emulator's clips, in a child process: ``python -m emulator.render``."""
