"""Which segments of a poll may stand apart, so that no other can be worked out from what is left of the whole.

Which ones are left out goes by how many there are in each, since by their answers it would tell of the answers. Where
that does not hide enough, none stands apart (docs/decisions/0009-no-subtraction.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from polling.core.tally import Tally, add, negative

SMALL_SEGMENT = 10
"""A segment of fewer respondents than this doesn't stand in a table by itself."""


def least_segment(smallest_group: int) -> int:
    """How many respondents a segment has at least to stand apart; among friends one."""
    return 1 if smallest_group == 1 else max(SMALL_SEGMENT, smallest_group)


def apart(whole: Tally, labels: Mapping[str, Tally], least: int) -> frozenset[str]:
    """The labels that may stand apart, each as it is. The others, and those without a label, stay together as what is
    left of the whole."""
    kept = {label for label, tally in labels.items() if tally.respondents >= least}
    left = left_out({label: tally.respondents for label, tally in labels.items()}, whole.respondents, least)
    if not left:
        return frozenset(kept)
    kept -= left
    shown = together(labels[label] for label in kept)
    rest = without(whole, kept, labels)
    mixed = (_is_mixed(shown, cell) and _is_mixed(rest, cell) for cell in _chosen_by_some(whole))
    return frozenset(kept) if kept and all(mixed) else frozenset()


def without(whole: Tally, kept: Collection[str], labels: Mapping[str, Tally]) -> Tally:
    """What is left of the whole when these are taken away: anyone can do this sum."""
    shown = together(labels[label] for label in kept)
    return Tally(whole.respondents - shown.respondents, add(whole.cells, negative(shown.cells)))


def together(tallies: Iterable[Tally]) -> Tally:
    """Their sum."""
    return sum(tallies, Tally())


def left_out(respondents: Mapping[str, int], whole: int, least: int) -> set[str]:
    """The labels that are left out for their sizes: the small ones, and the next by size as long as they and those
    without a label are too few together, or are one group alone. "" is among them where those without a label are too
    few."""
    sizes = {label: size for label, size in respondents.items() if size}
    nameless = whole - sum(sizes.values())
    left = {label for label, size in sizes.items() if size < least}
    if 0 < nameless < least:
        left.add("")
    if not left:
        return left
    for label in sorted(sizes.keys() - left, key=lambda label: (sizes[label], label)):
        groups = len(left - {""}) + (nameless > 0)
        if groups > 1 and nameless + sum(sizes[each] for each in left - {""}) >= least:
            break
        left.add(label)
    return left


def _chosen_by_some(whole: Tally) -> list[str]:
    """The cells of which the whole doesn't tell already that nobody, or everybody, chose them."""
    return [cell for cell, count in whole.cells.items() if 0 < count < whole.respondents]


def _is_mixed(part: Tally, cell: str) -> bool:
    """Whether some chose it and some did not, so that nobody's answer follows from the sum."""
    return 0 < part.cells.get(cell, 0) < part.respondents
