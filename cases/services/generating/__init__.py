"""A made-up country of any size, to measure and to show with: `manage.py generate_cases`.

Everything follows from a seed. Cases go in through `cases.services.intake`, as the register import
brings them.
"""

from cases.services.generating.places import make_places
from cases.services.generating.work import generate, left_to_make, others

__all__ = ["generate", "left_to_make", "make_places", "others"]
