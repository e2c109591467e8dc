"""A loopback stand-in for Discord: gateway, REST, CDN, and a page on which one is its people."""
