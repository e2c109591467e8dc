"""Discord in, Discord out: commands, buttons, reactions, texts. No SQL, no HTTP, no policy."""
