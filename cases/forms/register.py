"""The form by which a register file is put here."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cases.services.register.columns import COLUMNS, REQUIRED
from common.tabular import Unreadable, read_rows

MOST_MEGABYTES = 20
#: How a file of each kind begins; a CSV file is text, so with anything but this.
WORKBOOK = b"PK\x03\x04"
EXTENSIONS = (".csv", ".xlsx")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Register file"),
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ",".join(EXTENSIONS)}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
            "max_length": _("The name of the file is too long."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "CSV or Excel (.xlsx), up to %(most)s MB, with the names of the columns in the first row."
        ) % {"most": MOST_MEGABYTES}

    def clean_file(self) -> UploadedFile:
        """Refuses what is no register before anything of it is kept."""
        file: UploadedFile = self.cleaned_data["file"]
        extension = PurePath(file.name or "").suffix.lower()
        if extension not in EXTENSIONS:
            raise ValidationError(_("Choose a file that ends in .csv or .xlsx."))
        if (file.size or 0) > MOST_MEGABYTES * 1024 * 1024:
            raise ValidationError(_("The file is larger than %(most)s MB."), params={"most": MOST_MEGABYTES})
        file.seek(0)
        if (file.read(len(WORKBOOK)) == WORKBOOK) != (extension == ".xlsx"):
            raise ValidationError(_("What is in the file is not what its name says."))
        try:
            with read_rows(file, columns=COLUMNS, required=REQUIRED):
                pass
        except Unreadable as error:
            raise ValidationError(str(error)) from None
        file.seek(0)
        return file
