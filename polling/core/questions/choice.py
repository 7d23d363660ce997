"""choice: one of several options, with an 'other' where the YAML offers one."""

from __future__ import annotations

from typing import ClassVar, Literal

from polling.core.questions.options import OptionsQuestion


class Choice(OptionsQuestion):
    """One of several."""

    one_tap: ClassVar[bool] = True

    type: Literal["choice"]
