"""Every address of the application with something behind it: a case with all that a case can have, and more.

`furnish(cast)` makes the things, `path_of(name, things)` gives the address of a URL name. The walk over all
addresses (tests/architecture) and that of the browser (tests/e2e) use them.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Invitation, User
from accounts.services.memberships import invite
from cases.enums import ArrangementKind, NoteKind, RemoteForm
from cases.models import Case, RegisterUpload
from cases.services import lifecycle, planning, work
from cases.services.feed import make_feed
from cases.services.intake import ExemptionGiven
from cases.services.planning import Heard, Step
from escalations.models import Reminder
from escalations.services.sweep import sweep_partnership
from escalations.services.telling import tell_pending
from notifications.links import unsubscribe_token
from notifications.models import Notice, OutboxMail
from reports.exports import report_file
from reports.models import ReportFile, Version
from reports.queries.versions import seal_of
from reports.rules.periods import month_of
from reports.rules.selection import Selection
from reports.services import files
from reports.services.versions import issue, make_draft
from schools.models import FreePeriodKind, Organisation
from tests.cast import NOW, TODAY, Cast, fresh

UNKNOWN_NUMBER = "TZ-2026-99999"


def names() -> list[str]:
    """The name of every address, by walking the whole configuration."""
    return [pattern.name or str(pattern.pattern) for pattern in _patterns(get_resolver())]


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def furnish(cast: Cast) -> SimpleNamespace:
    """Gives the case "shared" one of everything, with the case manager as its lead."""
    manager, worker = cast.people["case_manager"], cast.people["care_worker"]
    done: dict[str, Any] = {"by": manager, "at": NOW, "on": TODAY}
    case = cast.cases["shared"]
    lifecycle.assign_lead(case=again(case), lead=manager, **done)
    heard = Heard(heard_on=TODAY, how="gesprek", said="Ik wil terug, maar niet in één keer.")
    arrangement = planning.add_arrangement(
        case=again(case),
        fields={
            "arrangement_kind": ArrangementKind.CUSTOM,
            "goal": "Rust, en dan weer contact met de klas.",
            "responsible": cast.school.organisation,
            "agreed_on": TODAY,
            "start": TODAY,
            "evaluate_on": TODAY - dt.timedelta(days=1),
        },
        heard=heard,
        **done,
    )
    not_agreed = planning.add_arrangement(
        case=again(case),
        fields={
            "arrangement_kind": ArrangementKind.SUPPORT,
            "goal": "Een vast gezicht op school.",
            "responsible": cast.care.organisation,
            "start": TODAY,
            "evaluate_on": TODAY + dt.timedelta(days=3),
        },
        heard=None,
        **done,
    )
    planning.add_remote_plan(
        case=again(case),
        fields={
            "form": RemoteForm.HYBRID,
            "hours_a_week": Decimal("6.5"),
            "teacher": "mevrouw Voorbeeld",
            "start": TODAY,
            "evaluate_on": TODAY + dt.timedelta(days=40),
        },
        heard=Heard(why_not="Wilde niet praten."),
        **done,
    )
    planning.add_return_plan(
        case=again(case),
        fields={"receiving_school": cast.site, "start": TODAY, "evaluate_on": TODAY + dt.timedelta(days=14)},
        steps=[Step("Twee uur in het atelier", Decimal(2)), Step("Halve dagen", Decimal(12))],
        heard=heard,
        **done,
    )
    lifecycle.agree_arrangement(case=again(case), **done)
    action = work.add_action(
        case=again(case), what="Ouders bellen", owner=manager, deadline=TODAY, by=manager, at=NOW, on=TODAY
    )
    own_action = work.add_action(
        case=again(case), what="Huisbezoek", owner=worker, deadline=TODAY, by=worker, at=NOW, on=TODAY
    )
    note = {"noted_on": TODAY, "with_whom": "", "how": "", "is_progress": True, "at": NOW, "on": TODAY}
    work.add_note(case=again(case), kind=NoteKind.NOTE, text="Alleen hier.", shared=False, by=manager, **note)
    work.add_note(case=again(case), kind=NoteKind.NOTE, text="Voor allen.", shared=True, by=manager, **note)
    work.add_note(case=again(case), kind=NoteKind.CARE, text="Zorg.", shared=False, by=worker, **note)
    exemption = _exemption(again(case), by=manager)
    # Long enough ago to be asked whether its list is complete.
    Organisation.objects.filter(pk=cast.school.pk).update(added_on=dt.date(2026, 1, 5))
    taking_part = case.participations.get(partner=cast.care)
    sweep_partnership(cast.swv.pk, on=TODAY, at=NOW)
    tell_pending(cast.swv.pk, on=TODAY, at=NOW, everybody=True)
    return SimpleNamespace(
        cast=cast,
        case=again(case),
        arrangement=arrangement,
        not_agreed=not_agreed,
        action=action,
        own_action=own_action,
        exemption=exemption,
        participation=taking_part,
        invitation_to_case=cast.cases["invited"].participations.get(),
        membership=cast.people["coordinator"].memberships.get(),
        invited=_invited(cast),
        notice=_notice(cast.people["coordinator"]),
        failed_mail=_failed_mail(cast.people["coordinator"]),
        reminder=Reminder.objects.get(case=case, rule="R19"),
        session=_session(cast.people["coordinator"]),
        address=EmailAddress.objects.get(user=cast.people["coordinator"]),
        period=_period(cast),
        upload=_upload(manager),
        feed_token=make_feed(by=cast.people["coordinator"], at=NOW),
        **_reports(cast),
        report_file=_report_file(fresh(manager)),
    )


def _exemption(case: Case, *, by: User) -> Any:
    from cases.services import correction

    given = ExemptionGiven(article="5a", valid_from=TODAY, valid_to=None)
    return correction.add_exemption(case=case, given=given, by=by, at=NOW)


def _reports(cast: Cast) -> dict[str, Version]:
    """An issued report and a draft of the next month."""
    by = fresh(cast.people["reporter"])
    asked: dict[str, Any] = {"partnership": cast.swv, "definition": "D2", "by": by, "at": NOW, "on": TODAY}
    made = make_draft(period=month_of(dt.date(2026, 9, 1)), **asked)
    issued = issue(version_id=made.pk, mark=seal_of(made), comment="Klopt.", by=by, at=NOW)
    return {"issued": issued, "draft": make_draft(period=month_of(dt.date(2026, 10, 1)), **asked)}


def _report_file(user: User) -> ReportFile:
    """The file of a report that is ready."""
    october, asked_by = month_of(dt.date(2026, 10, 1)), {"by": user, "at": NOW}
    asked = report_file.of_figures("VO9901", october, Selection(), known_at=NOW)
    file = files.ask(kind=ReportFile.Kind.REPORT, asked=asked, format="csv", outside=True, **asked_by)
    files.make_at_once(file=file, clock=lambda: NOW)
    return ReportFile.objects.get(pk=file.pk)


def _invited(cast: Cast) -> Invitation:
    invite(
        email="new@example.org",
        role="coordinator",
        organisation=cast.site.organisation,
        by=cast.people["administrator"],
        at=NOW,
    )
    return Invitation.objects.get(email="new@example.org")


def _notice(user: User) -> Notice:
    return Notice.objects.create(
        user=user, kind="case_moved", key="test", context={"number": "TZ-2026-00001"}, link="/"
    )


def _failed_mail(user: User) -> OutboxMail:
    """A bundle that was given up."""
    return OutboxMail.objects.create(
        user=user,
        to=user.email,
        kind="digest",
        key="failed",
        language=user.language,
        state=OutboxMail.State.FAILED,
        next_try_at=NOW,
        message_id="<failed@example.org>",
        last_error="SMTPRecipientsRefused: 550 No such user",
    )


def _session(user: User) -> UserSession:
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    return UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="Voorbeeld")


def _period(cast: Cast) -> Any:
    day = TODAY + dt.timedelta(days=10)
    return cast.site.organisation.free_periods.create(
        kind=FreePeriodKind.FREE, name="Studiedag", first_day=day, last_day=day
    )


def _upload(user: User) -> RegisterUpload:
    """A register that was checked and waits for confirmation, with a refused row and an odd one."""
    refused = {"line": 3, "column": "geboortedatum", "value": "31-02-2012", "reason": "Dit is geen datum."}
    odd = {"line": 2, "column": "leerjaar", "reason": "Onbekend leerjaar."}
    counts = {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "refused": 1, "warnings": 1}
    return RegisterUpload.objects.create(
        user=user,
        state=RegisterUpload.State.CHECKED,
        file_name="register.csv",
        uploaded_at=NOW,
        rows_done=2,
        rows_total=2,
        report={**counts, "refusals": [refused], "oddities": [odd]},
    )


#: What stands in the address of each name that has something in it.
ARGS: dict[str, Callable[[SimpleNamespace], list[Any]]] = {
    "account_confirm_email": lambda it: [EmailConfirmationHMAC(it.address).key],
    "account_reset_password_from_key": lambda it: ["1", "set-password"],
    "mfa_remove_webauthn": lambda it: [1],
    "mfa_edit_webauthn": lambda it: [1],
    "confirm_address": lambda it: ["no-such-token"],
    "end_own_session": lambda it: [it.session.pk],
    "open_invitation": lambda it: ["no-such-token"],
    "person": lambda it: [it.membership.user_id],
    "end_person_sessions": lambda it: [it.membership.user_id],
    "reset_factor": lambda it: [it.membership.user_id],
    "end_role": lambda it: [it.membership.pk],
    "resend_invitation": lambda it: [it.invited.pk],
    "withdraw_invitation": lambda it: [it.invited.pk],
    "mail_retry": lambda it: [it.failed_mail.pk],
    "notice_read": lambda it: [it.notice.pk],
    "notices_read": lambda it: [it.notice.pk],
    "try_person_address": lambda it: [it.membership.user_id],
    "unsubscribe": lambda it: [unsubscribe_token(it.membership.user, ["case_messages"])],
    "organisation": lambda it: [it.cast.site.pk],
    "report_table": lambda it: ["by_category"],
    "partnership_settings": lambda it: [it.cast.swv.pk],
    "add_free_period": lambda it: [it.cast.site.pk],
    "remove_free_period": lambda it: [it.cast.site.pk, it.period.pk],
    "register_upload": lambda it: [it.upload.pk],
    "register_import": lambda it: [it.upload.pk],
    "register_discard": lambda it: [it.upload.pk],
    "register_refused": lambda it: [it.upload.pk],
    "case_export": lambda it: ["csv"],
    "calendar_file": lambda it: [it.feed_token],
    "case_move": lambda it: [it.case.number, "close"],
    "attestation": lambda it: [it.cast.swv.pk, it.cast.school.pk],
    "participation_accept": lambda it: [it.invitation_to_case.pk],
    "participation_decline": lambda it: [it.invitation_to_case.pk],
    **{
        name: lambda it: [it.case.number]
        for name in (
            "case",
            "case_print",
            "case_timeline",
            "case_log",
            "case_lead",
            "case_actions",
            "action_add",
            "case_notes",
            "note_add",
            "arrangement_add",
            "remote_plan_add",
            "return_plan_add",
            "case_facts",
            "exemption_add",
            "case_access",
        )
    },
    **{
        name: lambda it: [it.reminder.pk]
        for name in (
            "reminder",
            "reminder_finish",
            "reminder_postpone",
            "reminder_hand_over",
            "reminder_set_aside",
        )
    },
    "action_end": lambda it: [it.case.number, it.action.pk],
    "plan_agree": lambda it: [it.case.number, it.not_agreed.pk],
    "plan_hear": lambda it: [it.case.number, it.arrangement.pk],
    "plan_evaluate": lambda it: [it.case.number, it.arrangement.pk],
    "plan_end": lambda it: [it.case.number, it.arrangement.pk],
    "exemption_change": lambda it: [it.case.number, it.exemption.pk],
    "exemption_remove": lambda it: [it.case.number, it.exemption.pk],
    "participation_revoke": lambda it: [it.case.number, it.participation.pk],
    **{
        f"report_version{part}": lambda it: [it.draft.pk]
        for part in ("", "_issue", "_comment", "_recount", "_discard")
    },
    **{f"report_file{part}": lambda it: [it.report_file.pk] for part in ("", "_download", "_discard")},
    "inspectorate_list": lambda it: [it.cast.swv.pk],
    "list_template": lambda it: [it.cast.swv.pk],
    "list_template_restore": lambda it: [it.cast.swv.pk],
    "municipality_list": lambda it: [it.cast.municipality.number],
    "school_list": lambda it: [it.cast.school.number],
    "report_version_now": lambda it: [it.issued.pk],
    "report_version_correct": lambda it: [it.issued.pk],
    "rules_of": lambda it: [it.cast.swv.pk, ""],
    "escalation_contact": lambda it: [it.cast.swv.pk],
    "rule": lambda it: [it.cast.swv.pk, "vo", "R10"],
    "rule_preview": lambda it: [it.cast.swv.pk, "", "R10"],
    "rule_reset": lambda it: [it.cast.swv.pk, "", "R10"],
}


def path_of(name: str, things: SimpleNamespace) -> str:
    return reverse(name, args=ARGS[name](things) if name in ARGS else [])
