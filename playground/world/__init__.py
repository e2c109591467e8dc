"""What exists in the stand-in: people, servers, channels, messages. State and rules, no I/O."""
