"""The pupil of a case. Never a BSN."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.dates import age_on
from common.names import bare, words
from schools.models import Municipality


def identity_of(first_name: str, last_name: str, birth_date: dt.date) -> str:
    """What makes two pupils the same for the register: names without case and accents, and the date of
    birth."""
    return f"{bare(last_name)}|{bare(first_name)}|{birth_date.isoformat()}"


def search_words(first_name: str, last_name: str) -> set[str]:
    """The folded words by which a pupil is found: those of the names, and the initials with and without
    infix."""
    firsts, lasts = words(first_name), words(last_name)
    main = [word for word in lasts if word not in INFIXES] or lasts
    initials = {"".join(w[0] for w in firsts + some) for some in (lasts, main, main[:1])}
    return {word[:40] for word in {*firsts, *lasts, *initials} if word}


INFIXES = frozenset(
    {
        "van",
        "de",
        "der",
        "den",
        "het",
        "t",
        "ter",
        "ten",
        "te",
        "la",
        "le",
        "el",
        "al",
        "von",
        "op",
        "in",
        "s",
    }
)


class Pupil(models.Model):
    """The pupil as known in one case file; files of other schools have a row of their own."""

    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=150)
    birth_date = models.DateField(_("date of birth"))
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="pupils", verbose_name=_("home municipality")
    )
    year_group = models.PositiveSmallIntegerField(
        _("year group"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )

    class Meta:
        verbose_name = _("pupil")
        verbose_name_plural = _("pupils")
        indexes = [models.Index(fields=["birth_date"], name="pupil_birth_date")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(year_group__isnull=True) | models.Q(year_group__range=(1, 8)),
                name="pupil_year_group_1_to_8",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def identity(self) -> str:
        return identity_of(self.first_name, self.last_name, self.birth_date)

    @property
    def initials(self) -> str:
        """As shown in lists: "J. J."."""
        parts = [part for part in (*self.first_name.split()[:1], *self.last_name.split()[-1:]) if part]
        return " ".join(f"{part[0].upper()}." for part in parts)

    def age_on(self, day: dt.date) -> int:
        return age_on(self.birth_date, day)


class NameWord(models.Model):
    """The search index on names: one row for each folded word of a name and for the initials.

    A search for the beginning of a word is a range in this index, the same on SQLite and PostgreSQL.
    """

    pupil = models.ForeignKey(Pupil, models.CASCADE, related_name="name_words")
    word = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "pupil"], name="name_word_once")]

    def __str__(self) -> str:
        return self.word
