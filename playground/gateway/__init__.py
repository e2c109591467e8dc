"""The WebSocket gateway: sessions, compression, resuming, and which event goes to whom."""
