"""Discord in, Discord out: commands, buttons, reactions, modals, texts. No SQL, no HTTP, no policy."""
