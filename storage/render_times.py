"""What was learnt of render times, per setting."""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.domain.render_times import RenderTimes

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.render_setting import RenderSetting

log = logging.getLogger(__name__)

STORED_DIGITS = 6  # after the point; smaller weights are nothing


def load_times(db: sqlite3.Connection, setting: RenderSetting) -> RenderTimes:
    """What was learnt of a setting; where nothing was yet, what is assumed.

    Weights that cannot be read count as nothing learnt, and the next render replaces them:
    no clip that is paid for waits for a statistic to be mended.
    """
    row = db.execute(
        "SELECT weights FROM render_times WHERE gateway = ? AND model = ? AND settings = ?",
        (setting.gateway, setting.model, setting.settings),
    ).fetchone()
    if row is None:
        return setting.assumed
    try:
        return _times(setting.assumed, row[0])
    except (TypeError, ValueError) as exc:
        log.warning("the render times of %s are not usable and begin anew: %s", setting, exc)
        return setting.assumed


@lru_cache(maxsize=256)
def _times(assumed: RenderTimes, weights: str) -> RenderTimes:
    return RenderTimes(assumed.assumed, tuple(json.loads(weights)))


def save_times(db: sqlite3.Connection, setting: RenderSetting, times: RenderTimes) -> None:
    """Remember what was learnt of a setting, in place of what was."""
    weights = json.dumps([round(weight, STORED_DIGITS) for weight in times.seen])
    db.execute(
        "INSERT INTO render_times (gateway, model, settings, weights) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (gateway, model, settings) DO UPDATE SET weights = excluded.weights",
        (setting.gateway, setting.model, setting.settings, weights),
    )
