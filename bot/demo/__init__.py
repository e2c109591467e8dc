"""``make demo``: the bot between a playground and an emulator, on this machine alone."""
