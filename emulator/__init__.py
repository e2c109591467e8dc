"""A loopback stand-in for the video API that renders real MP4s and keeps a ledger."""
