"""Keep the stored figures of the dashboard up to date, from the worker."""

from commentsite import clock
from commentsite.db.session import session, snapshot, transaction
from commentsite.moderation.activity.models import ONLY_ROW, StoredActivity
from commentsite.moderation.activity.queries import count_activity, is_large


def refresh_activity() -> int:
    """Count the figures of the last 30 days and store them. Return 0 on a small site, where pages count.

    The counting holds no lock, and of two workers the last one wins.
    """
    now = clock.now()
    with snapshot():
        if not is_large(now):
            return 0
        figures = count_activity(now).to_json()
    with transaction(gives_way=True):
        session().merge(StoredActivity(id=ONLY_ROW, figures=figures, counted_at=now))
    return 1
