"""The Discord bot: composition, command line, rules, services and engine."""
