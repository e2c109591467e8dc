"""How what exists looks in Discord's JSON, for REST and gateway alike."""
