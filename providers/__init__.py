"""The video APIs: pure wire modules, one transport, the capability table."""
