"""Sessions: their owner sees and ends them, an administrator ends those of somebody else."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User
from audit.services import record


def sessions_of(user: User) -> list[UserSession]:
    """The sessions that are still alive, newest first; forgets those that are not."""
    alive = UserSession.objects.purge_and_list(user)
    return sorted(alive, key=lambda session: session.last_seen_at, reverse=True)


@transaction.atomic
def end_session(*, user: User, session_id: int, by: User) -> None:
    for session in UserSession.objects.filter(user=user, pk=session_id):
        session.end()
        record("session.ended", by=by, target=f"user {user.pk}")


@transaction.atomic
def end_sessions(*, user: User, by: User | None, keep: str | None = None) -> int:
    """Logs somebody out everywhere but in the session with the key `keep`. Answers how many ended."""
    sessions = [s for s in UserSession.objects.filter(user=user) if s.session_key != keep]
    for session in sessions:
        session.end()
    if sessions:
        record("session.ended", by=by, target=f"user {user.pk}", details={"sessions": len(sessions)})
    return len(sessions)
