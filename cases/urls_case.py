"""The pages of one case, and the invitations to take part in one."""

from django.urls import include, path, register_converter

from cases.views import case, facts, invitations, moves, plans, sharing, work


class CaseNumber:
    """TZ-2026-00001, in any case of letters."""

    regex = "[Tt][Zz]-[0-9]{4}-[0-9]{5,12}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseNumber, "case_number")

of_one_case = [
    path("", case.page, name="case"),
    path("afdrukken/", case.printed, name="case_print"),
    path("tijdlijn/", case.history, name="case_timeline"),
    path("logboek/", case.log, name="case_log"),
    path("stap/<str:transition>/", moves.move, name="case_move"),
    path("casusregisseur/", work.lead, name="case_lead"),
    path("acties/", work.actions, name="case_actions"),
    path("acties/nieuw/", work.add_action, name="action_add"),
    path("acties/<int:pk>/afronden/", work.end_action, name="action_end"),
    path("notities/", work.notes, name="case_notes"),
    path("notities/nieuw/", work.add_note, name="note_add"),
    path("arrangement/nieuw/", plans.add_arrangement, name="arrangement_add"),
    path("onderwijs-op-afstand/nieuw/", plans.add_remote_plan, name="remote_plan_add"),
    path("terugkeerplan/nieuw/", plans.add_return_plan, name="return_plan_add"),
    path("plannen/<int:pk>/akkoord/", plans.agree, name="plan_agree"),
    path("plannen/<int:pk>/gehoord/", plans.hear, name="plan_hear"),
    path("plannen/<int:pk>/evalueren/", plans.evaluate, name="plan_evaluate"),
    path("plannen/<int:pk>/beeindigen/", plans.end, name="plan_end"),
    path("gegevens/", facts.correct, name="case_facts"),
    path("vrijstellingen/nieuw/", facts.add_exemption, name="exemption_add"),
    path("vrijstellingen/<int:pk>/", facts.change_exemption, name="exemption_change"),
    path("vrijstellingen/<int:pk>/verwijderen/", facts.remove_exemption, name="exemption_remove"),
    path("toegang/", sharing.sharing, name="case_access"),
    path("toegang/<int:pk>/intrekken/", sharing.revoke, name="participation_revoke"),
]

urlpatterns = [
    path("dossiers/<case_number:number>/", include(of_one_case)),
    path("uitnodigingen/", invitations.invitations, name="case_invitations"),
    path("uitnodigingen/<int:pk>/aannemen/", invitations.accept, name="participation_accept"),
    path("uitnodigingen/<int:pk>/afwijzen/", invitations.decline, name="participation_decline"),
]
