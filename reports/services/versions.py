"""Versions of the figures of a period: drafted, counted again, issued once, and corrected by a next version.

What was issued never changes; the database refuses that as well.
"""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from cases.rules import Threshold
from common.errors import DomainError, NotAllowed, NotFound
from notifications.services import withdraw
from reports import access
from reports.enums import HANDED_IN
from reports.models import Version, VersionLines
from reports.queries.reports import count, threshold_of
from reports.queries.versions import frozen, seal_of, series, series_of
from reports.rules.frozen import plain
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.services.telling import keys_of
from schools.models import Partnership


@transaction.atomic
def make_draft(
    *, partnership: Partnership, period: Period, definition: str, by: User, at: dt.datetime, on: dt.date
) -> Version:
    """The first version of a period that is over, counted as known at this moment."""
    _authorise(by, partnership.pk)
    if period.kind not in HANDED_IN:
        raise DomainError(_("A report is about a month, a quarter or a school year."))
    if period.last >= on:
        raise DomainError(_("This period is not over yet. Its report can be made from the day after it."))
    made = new_draft(partnership=partnership, period=period, definition=definition, at=at)
    _record("report.drafted", made, by=by)
    return made


def new_draft(*, partnership: Partnership, period: Period, definition: str, at: dt.datetime) -> Version:
    """A draft of a period without any version. Whether somebody may is for the caller to know."""
    if found := series(partnership, period, definition).first():
        raise DomainError(
            _("This report was issued already. What became known later goes into a correction.")
            if found.is_issued
            else _("There is a draft of this report already.")
        )
    draft = Version(
        partnership=partnership,
        first_day=period.first,
        last_day=period.last,
        definition=definition,
        made_at=at,
    )
    return _counted(draft, threshold=threshold_of(partnership), before=None, at=at)


@transaction.atomic
def correct(*, version_id: int, by: User, at: dt.datetime) -> Version:
    """A draft of the next version with what differs from the last one that was issued, by its threshold; the
    one that is there already, where somebody began it before."""
    version = _locked(version_id, by=by)
    newest = series_of(version)[0]
    if not version.is_issued:
        raise DomainError(_("This report was not issued yet. Count the draft again instead."))
    if not newest.is_issued:
        return newest
    draft = Version(
        partnership=version.partnership,
        first_day=version.first_day,
        last_day=version.last_day,
        definition=version.definition,
        number=newest.number + 1,
        made_at=at,
    )
    made = _counted(draft, threshold=newest.threshold, before=newest, at=at)
    _record("report.correction_drafted", made, by=by)
    return made


@transaction.atomic
def recount(*, version_id: int, by: User, at: dt.datetime) -> Version:
    """Counts a draft again, as known at this moment."""
    draft = _locked_draft(version_id, by=by)
    before = series_of(draft).issued().first()
    draft.made_at = at
    threshold = before.threshold if before else threshold_of(draft.partnership)
    again = _counted(draft, threshold=threshold, before=before, at=at)
    _record("report.recounted", again, by=by)
    return again


@transaction.atomic
def write_comment(*, version_id: int, mark: str, comment: str, by: User) -> Version:
    """Keeps a comment with a draft that is still as it was seen."""
    draft = _locked_draft(version_id, by=by)
    _refuse_unseen(draft, mark)
    draft.comment = comment
    draft.save(update_fields=["comment"])
    _record("report.comment_written", draft, by=by)
    return draft


@transaction.atomic
def issue(*, version_id: int, mark: str, comment: str, by: User, at: dt.datetime) -> Version:
    """Issues a draft: from now on it stays as it is. `mark`: that of the draft as who issues it saw it."""
    draft = _locked_draft(version_id, by=by)
    _refuse_unseen(draft, mark)
    _refuse_empty_correction(draft, comment)
    draft.comment, draft.issued_at, draft.issued_by = comment, at, by
    draft.digest = seal_of(draft)
    draft.save()
    withdraw(keys=keys_of(draft.pk), at=at)
    _record("report.issued", draft, by=by, digest=draft.digest)
    return draft


@transaction.atomic
def discard(*, version_id: int, by: User, at: dt.datetime) -> None:
    """Takes a draft away, with its comment."""
    draft = _locked_draft(version_id, by=by)
    withdraw(keys=keys_of(draft.pk), at=at)
    _record("report.draft_discarded", draft, by=by)
    draft.delete()


# --- Steps


def _authorise(by: User, partnership_id: int) -> None:
    if access.partnerships_reported_by(by).filter(pk=partnership_id).exists():
        return
    if access.partnerships_read_by(by).filter(pk=partnership_id).exists():
        raise NotAllowed(_("Reports are made and issued by the reporters of the partnership."))
    raise NotFound("")


def _locked(version_id: int, *, by: User) -> Version:
    """The version as it is now, locked until the transaction ends; refuses who may not.

    The row alone: what an outer join brings is that of before the lock, so who issued it would be missing.
    """
    found = Version.objects.select_for_update().filter(pk=version_id).first()
    if found is None:
        raise NotFound("")
    _authorise(by, found.partnership_id)
    return found


def _locked_draft(version_id: int, *, by: User) -> Version:
    found = _locked(version_id, by=by)
    if found.is_issued:
        raise DomainError(_("%(who)s has issued this report already.") % {"who": found.issued_by})
    return found


def _refuse_unseen(draft: Version, mark: str) -> None:
    if mark != seal_of(draft):
        raise DomainError(
            _("Meanwhile this draft was counted again or its comment was changed. Look at it again.")
        )


def _refuse_empty_correction(draft: Version, comment: str) -> None:
    """A correction says something that the version before does not."""
    if draft.changes is None or draft.changes:
        return
    before = series_of(draft).issued().first()
    if before is not None and comment.strip() in ("", before.comment.strip()):
        raise DomainError(
            _(
                "Nothing differs from the version that was issued. Say in the comment why there is a new "
                "version, or discard the draft."
            )
        )


def _counted(draft: Version, *, threshold: Threshold, before: Version | None, at: dt.datetime) -> Version:
    """Fills a draft with what is counted now, and saves it with its lines."""
    result = count(
        draft.partnership, draft.period, Selection(draft.definition), known_at=at, threshold=threshold
    )
    for name, value in frozen(result, before=before).items():
        setattr(draft, name, value)
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError:
        raise DomainError(_("Somebody else has just made this draft.")) from None
    lines = plain([line.as_json() for line in result.lines])
    VersionLines.objects.update_or_create(version=draft, defaults={"values": lines})
    return Version.objects.select_related("partnership__organisation", "kept_lines").get(pk=draft.pk)


def _record(action: str, version: Version, *, by: User, **more: Any) -> None:
    details = {
        "partnership": version.partnership.number,
        "first_day": version.first_day,
        "last_day": version.last_day,
        "definition": str(version.definition),
        "version": version.number,
        **more,
    }
    record(action, by=by, target=f"report {version.pk}", details=details)
