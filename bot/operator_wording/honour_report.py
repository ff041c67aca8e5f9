"""What operators read about campaigns, nominations and votes."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, assert_never

from bot.common.i18n import Translator
from bot.geo.places import Places
from bot.operator_wording import import_report
from bot.services.couriers.firms import firms
from bot.services.honours.importing import COLUMNS, CampaignFault, CampaignPlan
from bot.services.honours.review import Listed, Opened
from bot.services.honours.statuses import HoldReason, HonourRefusal, NominationStatus
from bot.services.honours.votes import Burst
from bot.services.spreadsheets.tables import Problem

if TYPE_CHECKING:
    from bot.store.models.honours import CampaignRow


def lines(plan: CampaignPlan, t: Translator) -> Iterator[str]:
    """The report of an import."""
    yield from import_report.findings(plan.problems, plan.warnings, advice, t)
    for entry in plan.new:
        yield t("New: {code} {name}", code=entry.code, name=entry.title)
    for entry, record in plan.changed:
        was, now = record.before or {}, record.after or {}
        fields = ((COLUMNS[name][0], str(was[name]), str(now[name])) for name in now)
        yield import_report.changed(entry.code, entry.title, fields, t)
    yield t(
        "{new} new, {changed} changed, {unchanged} unchanged",
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
    )


def written(number: int | None, t: Translator) -> str:
    """What a command says of the revision that it wrote."""
    if number is None:
        return t("Nothing changed, so nothing was written.")
    return t("Written as revision {n}.", n=number)


def campaign(row: "CampaignRow", t: Translator) -> str:
    """One line about a campaign."""
    state = t("published") if row.published_at else ""
    return "  ".join(
        filter(
            None,
            (
                row.code,
                row.title,
                t("nominations {first} to {last}", first=row.nominate_from,
                  last=row.nominate_until),
                t("votes {first} to {last}", first=row.vote_from, last=row.vote_until),
                state,
            ),
        )
    )  # fmt: skip


def nomination(one: Listed, t: Translator) -> str:
    """One line about a nomination."""
    return "  ".join(
        filter(
            None,
            (
                one.number,
                one.name,
                one.firm,
                _league(one.league),
                status(one.status, t),
                t("with a photo") if one.has_photo else "",
                t("{n} votes", n=one.tally.counted),
                t("{n} held", n=one.tally.held) if one.tally.held else "",
                t("{n} dropped", n=one.tally.dropped) if one.tally.dropped else "",
                t("{n} without an account", n=one.tally.without_account)
                if one.tally.without_account
                else "",
            ),
        )
    )


def whole(one: Opened, t: Translator) -> str:
    """A nomination with its story."""
    heading = "  ".join((one.number, one.name, one.firm, _league(one.league)))
    return f"{heading}\n{status(one.status, t)}\n{one.story}"


def votes(
    found: Sequence[Listed],
    bursts: Sequence[Burst],
    by_firm: Sequence[tuple[int, str, int]],
    t: Translator,
) -> Iterator[str]:
    """The counts, those of firms, and what waits for a review."""
    numbers = {one.id: one.number for one in found}
    for one in found:
        if one.status in {NominationStatus.SHORTLISTED, NominationStatus.WINNER}:
            yield nomination(one, t)
            for nomination_id, firm, count in by_firm:
                if nomination_id == one.id:
                    name = firms().get(firm, firm) or t("no firm given")
                    yield f"  {name}: {count}"
    for burst in bursts:
        yield t(
            "On hold: {n} votes for {number} ({why}), {first:%Y-%m-%d %H:%M} to {last:%H:%M} UTC. "
            "Let them count: --count {number}; drop them: --drop {number}",
            n=burst.votes,
            number=numbers.get(burst.nomination_id, "?"),
            why=hold(burst.reason, t),
            first=burst.first,
            last=burst.last,
        )


def status(one: NominationStatus, t: Translator) -> str:
    """A status in a word or two."""
    match one:
        case NominationStatus.ASKED:
            return t("not answered")
        case NominationStatus.NEW:
            return t("new")
        case NominationStatus.APPROVED:
            return t("approved")
        case NominationStatus.DECLINED:
            return t("declined")
        case NominationStatus.SHORTLISTED:
            return t("on the short list")
        case NominationStatus.WINNER:
            return t("honoured")


def refusal(reason: HonourRefusal, t: Translator) -> str:
    """Why a command does nothing."""
    match reason:
        case HonourRefusal.STATUS:
            return t(
                "One of them is not in a status for that: new or declined ones are approved, "
                "approved ones short-listed. Nothing was changed."
            )
        case HonourRefusal.VOTING:
            return t("The voting is not over yet. Publish on the day after its last day.")
        case HonourRefusal.HELD:
            return t("Votes are on hold. Decide on them first: yizhan honours votes CAMPAIGN")
        case HonourRefusal.PUBLISHED:
            return t("The result of this campaign is published already.")
        case _:
            return t("There is no such campaign or nomination. See: yizhan honours list")


def hold(reason: HoldReason, t: Translator) -> str:
    match reason:
        case HoldReason.NETWORK:
            return t("one network")
        case HoldReason.FIRM:
            return t("one firm")
        case HoldReason.FRESH | HoldReason.NONE:
            return t("newcomers")


def _league(adcode: str) -> str:
    place = Places.load().by_adcode.get(adcode)
    return place.name if place else adcode


def advice(problem: Problem, t: Translator) -> str:
    """What is wrong with a row of a list of campaigns, and what to do about it."""
    fault = import_report.fault(CampaignFault, problem)
    match fault:
        case None:
            return import_report.advice(problem, t)
        case CampaignFault.CODE:
            return t("write 1 to 32 small Latin letters, digits and hyphens, such as 2026-winter")
        case CampaignFault.CODE_TWICE:
            return t("this campaign is in the file already; remove one")
        case CampaignFault.ENDS_BEFORE:
            return t("it ends before it begins; correct one of the two dates")
        case CampaignFault.WINNERS:
            return t("write a whole number from 1 to {most}", **problem.params)
        case CampaignFault.LEAGUE:
            return t("not a league of the region; leave it empty if it is for all")
        case CampaignFault.PUBLISHED:
            return t("its result is published; give a new campaign another code")
        case _:
            assert_never(fault)


def firms_of(
    nomination: int, by_firm: Sequence[tuple[int, str, int]], t: Translator
) -> list[tuple[str, int]]:
    """The votes of one nomination by firm, the most first."""
    return [
        (firms().get(firm, firm) or t("no firm given"), count)
        for one, firm, count in by_firm
        if one == nomination
    ]
