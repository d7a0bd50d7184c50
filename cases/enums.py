"""The codes of a case. Their values are those of the register file (contracts/register.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    SIGNALLED = "signalled", _("Signalled")
    ARRANGEMENT = "arrangement", _("Arrangement")
    REMOTE_EDUCATION = "remote_education", _("Remote education")
    RETURN = "return", _("Return")
    CLOSED = "closed", _("Closed")


#: The transition of a row by which an import takes a state back: its `from` was not entered after all.
TAKEN_BACK = "take_back"


class Extent(models.TextChoices):
    FULL = "volledig", _("full: not at school at all")
    PARTIAL = "gedeeltelijk", _("partial: some hours at school")


class Authorised(models.TextChoices):
    YES = "ja", _("authorised")
    NO = "nee", _("unauthorised")
    PARTLY = "deels", _("partly")
    UNKNOWN = "onbekend", _("unknown")


class Article(models.TextChoices):
    """Articles of the Leerplichtwet under which a pupil is exempt."""

    A5A = "5a", _("5 under a: physical or psychological grounds")
    A5B = "5b", _("5 under b: objections to the denomination of schools")
    A5C = "5c", _("5 under c: school abroad")
    A3A = "3a", _("3a: substitute programme from 14 years")
    A3B = "3b", _("3b: substitute programme in the last year")
    A15 = "15", _("15: other sufficient education")


class Offer(models.TextChoices):
    """What has been offered (passend aanbod)."""

    NONE = "geen", _("no offer")
    MADE = "gedaan", _("offer made, not started")
    EDUCATION = "onderwijs", _("education, full")
    BUILD_UP = "opbouw", _("education, being built up")
    EDUCATION_AND_CARE = "oza", _("education and care arrangement (oza)")
    REMOTE = "afstand", _("remote education with guidance")
    CARE = "zorg", _("care or day activities only")
    REFUSED = "geweigerd", _("offer refused by parents or pupil")


#: The offers that count as a fitting offer (contracts/rules.md).
FITTING_OFFERS = frozenset({Offer.EDUCATION, Offer.BUILD_UP, Offer.EDUCATION_AND_CARE, Offer.REMOTE})


class Reason(models.TextChoices):
    """Why the pupil is at home: no diagnosis, only the direction."""

    INTERNALISING = "KIND-INT", _("pupil: anxiety, gloom, overstimulation")
    EXTERNALISING = "KIND-EXT", _("pupil: behaviour")
    SOMATIC = "KIND-SOM", _("pupil: physical, illness")
    LEARNING = "KIND-LEER", _("pupil: learning or development, giftedness included")
    FAMILY = "GEZIN", _("family")
    SAFETY = "SCHOOL-VEIL", _("school: bullying, safety")
    POWERLESS = "SCHOOL-HV", _("school: does not know how to help, conflict")
    PLACE = "PLEK", _("no fitting place, waiting list for education")
    CARE = "ZORG", _("waiting list for care")
    SYSTEM = "SYS", _("moving house, arrival, administration")
    UNKNOWN = "ONB", _("unknown")


class Destination(models.TextChoices):
    """Where the pupil went when the case was closed."""

    OWN_SCHOOL = "eigen-school", _("own school, full")
    OWN_SCHOOL_ARRANGEMENT = "eigen-school-arrangement", _("own school with an arrangement")
    OTHER_SCHOOL = "andere-school", _("another regular school")
    SBO = "sbo", _("special primary education (sbo)")
    SO = "so", _("special education (so)")
    VSO = "vso", _("special secondary education (vso)")
    PRO = "pro", _("practical training (pro)")
    MBO = "mbo", _("vocational education (mbo)")
    OZA = "oza", _("education and care arrangement (oza)")
    VAVO = "vavo", _("adult general education (vavo)")
    PRIVATE = "particulier", _("private education")
    MOVED_NL = "verhuisd-nl", _("moved within the Netherlands")
    MOVED_ABROAD = "verhuisd-buitenland", _("moved abroad")
    EXEMPT_5A = "5a", _("exempt, 5 under a")
    EXEMPT_5B = "5b", _("exempt, 5 under b")
    EXEMPT_5C = "5c", _("exempt, 5 under c")
    EXEMPT_15 = "15", _("exempt, article 15")
    EIGHTEEN = "achttien", _("turned eighteen")
    QUALIFIED = "startkwalificatie", _("reached a basic qualification")
    RESIDENTIAL = "residentieel", _("residential care")
    DECEASED = "overleden", _("deceased")
    MISTAKEN = "onterecht", _("signalled by mistake")


#: Destinations that mean back at school: a return must be sustained, and closing ends the absence.
BACK_AT_SCHOOL = frozenset(
    {
        Destination.OWN_SCHOOL,
        Destination.OWN_SCHOOL_ARRANGEMENT,
        Destination.OTHER_SCHOOL,
        Destination.SBO,
        Destination.SO,
        Destination.VSO,
        Destination.PRO,
        Destination.MBO,
        Destination.VAVO,
        Destination.PRIVATE,
    }
)


class Category(models.TextChoices):
    """What a case counts as on a day, in order of precedence (contracts/counting.md)."""

    ABSOLUTE = "absoluut", _("not enrolled (absoluut verzuim)")
    LONG = "lrv", _("long unauthorised absence (lrv)")
    ILL_PARTLY = "ziek-deels", _("ill, able to attend partly")
    EXEMPT_5A = "5a", _("exempt under 5a")
    HIDDEN = "verborgen", _("long authorised absence (hidden)")
    PARTIAL = "gedeeltelijk", _("partly absent")
    THREATENING = "dreigend", _("at risk: not yet over the threshold")


class Source(models.TextChoices):
    """How a fact came in."""

    APPLICATION = "app", _("entered here")
    IMPORT = "import", _("register file")


class ArrangementKind(models.TextChoices):
    SUPPORT = "ondersteuning", _("extra support at school")
    CUSTOM = "maatwerk", _("custom programme, fewer hours")
    EDUCATION_AND_CARE = "oza", _("education and care arrangement (oza)")
    SPECIAL = "specialistisch", _("special education (tlv)")
    CARE_FIRST = "zorg-eerst", _("care first, with an educational perspective")
    OTHER = "anders", _("other")


class RemoteForm(models.TextChoices):
    """Forms of remote education (domain notes 4.7)."""

    SYNCHRONOUS = "synchroon", _("live with the class (camera, robot, screen)")
    ASYNCHRONOUS = "asynchroon", _("own pace, with guidance")
    HYBRID = "hybride", _("part live, part own pace")
    ONLINE_SCHOOL = "online-school", _("online school")


class PlanKind(models.TextChoices):
    ARRANGEMENT = "arrangement", _("Arrangement")
    REMOTE = "remote_education", _("Remote education plan")
    RETURN = "return", _("Return plan")


class EvaluationResult(models.TextChoices):
    CONTINUE = "doorgaan", _("continue")
    ADJUST = "bijstellen", _("adjust")
    STOP = "stoppen", _("stop")


class HeardHow(models.TextChoices):
    """How the pupil gave an opinion (hoorrecht, domain notes 4.4)."""

    TALK = "gesprek", _("in a conversation")
    WRITING = "schriftelijk", _("in writing or a drawing")
    PARENTS = "ouders", _("through the parents")
    REPRESENTATIVE = "vertegenwoordiger", _("through a representative")
    OTHER = "anders", _("another way")


class ActionState(models.TextChoices):
    OPEN = "open", _("open")
    DONE = "gedaan", _("done")
    DROPPED = "vervallen", _("dropped")


class NoteKind(models.TextChoices):
    NOTE = "notitie", _("note")
    CONTACT = "contact", _("contact moment")
    CARE = "zorg", _("care note")


class ContactHow(models.TextChoices):
    VISIT = "huisbezoek", _("home visit")
    AT_SCHOOL = "school", _("at school")
    PHONE = "telefoon", _("by telephone")
    VIDEO = "beeldbellen", _("by video call")
    WRITING = "bericht", _("in writing")
    MEETING = "overleg", _("in a meeting")


class ParticipationState(models.TextChoices):
    INVITED = "uitgenodigd", _("invited")
    ACCEPTED = "geaccepteerd", _("accepted")
    DECLINED = "afgewezen", _("declined")
    REVOKED = "ingetrokken", _("revoked")
    ENDED = "beëindigd", _("ended")
