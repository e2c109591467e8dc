"""Which jobs the partial indexes hold, word for word as they say it: else no query finds them.

They compare instead of asking for a list: SQLite builds a table for a list of three or more, each
time that it writes a row.
"""

from __future__ import annotations

CLAIMED = "(state = 'submitting' OR state = 'rendering' OR state = 'fetched' OR state = 'held')"
AT_REST = (
    "(state = 'delivered' OR state = 'failed' OR state = 'cancelled' OR state = 'expired'"
    " OR state = 'held')"
)
ENDED = "(state = 'delivered' OR state = 'failed' OR state = 'cancelled' OR state = 'expired')"
WITHOUT_CLIP = "(state = 'failed' OR state = 'cancelled' OR state = 'expired')"
