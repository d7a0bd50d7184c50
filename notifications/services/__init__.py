"""Tell people: in the application and by mail.

All write rows, in the transaction of the caller: what is rolled back is not told. Mails leave after commit;
a task that is lost or killed loses nothing, for the sweep of every minute looks at the rows.
"""

from notifications.services.bundling import bundle
from notifications.services.delivering import deliver, retry
from notifications.services.queueing import queue_mail
from notifications.services.reading import mark_all_read, mark_read
from notifications.services.telling import Told, notify, redate, restore, tell, withdraw

__all__ = [
    "Told",
    "bundle",
    "deliver",
    "mark_all_read",
    "mark_read",
    "notify",
    "queue_mail",
    "redate",
    "restore",
    "retry",
    "tell",
    "withdraw",
]
