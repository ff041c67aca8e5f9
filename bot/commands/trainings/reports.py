"""What an operator reads about a training list and about trainings."""

from collections.abc import Iterable, Iterator

from bot.common.i18n import Translator
from bot.documents.posters import when
from bot.operator_wording import import_report
from bot.operator_wording.training_advice import advice
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.importing.columns import COLUMNS, STATUS_NAMES
from bot.services.trainings.importing.plan import Plan
from bot.services.trainings.rosters import Attendance, Comment


def lines(plan: Plan, t: Translator) -> Iterator[str]:
    """The report: problems, warnings, differences, missing trainings, then the counts."""
    yield from import_report.findings(plan.problems, plan.warnings, advice, t)
    yield from import_report.first(
        plan.left_out,
        lambda one: t("Left out: {line}", line=import_report.line(one, advice(one, t), t)),
        lambda n: t("… and {n} more", n=n),
    )
    yield from import_report.first(
        plan.new,
        lambda new: t("New: {code} {name}", code=new.code, name=new.title),
        lambda n: t("… and {n} more new", n=n),
    )
    for changed in plan.changed:
        fields = ((COLUMNS[one.field][0], one.before, one.after) for one in changed.differences)
        yield import_report.changed(changed.after.code, changed.after.title, fields, t)
        if changed.notified:
            yield "  " + t("{n} couriers will be told of it.", n=changed.notified)
    yield from import_report.missing(plan.missing, t)
    yield import_report.counts(
        len(plan.problems),
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        missing=len(plan.missing),
        t=t,
    )


def one_line(session: Training, t: Translator) -> str:
    """A session in a list."""
    where = t("online") if session.is_online else session.place
    line = t(
        "{code}  {when}  {title}  {place}  {taken}/{capacity}  {status}",
        code=session.code,
        when=when(session),
        title=session.title,
        place=where,
        taken=session.taken,
        capacity=session.capacity,
        status=STATUS_NAMES[session.status],
    )
    if session.waiting:
        line += "  " + t("{n} waiting", n=session.waiting)
    return line


def numbers(session: Training, found: Attendance, t: Translator) -> Iterator[str]:
    """Attendance of one session."""
    yield f"{session.title}  {when(session)}"
    yield t("Registered: {n}", n=found.seats)
    yield t("Said they come: {n}", n=found.confirmed)
    yield t("Attended: {n}", n=found.attended)
    if found.waiting:
        yield t("In line: {n}", n=found.waiting)
    if found.certificates:
        yield t("Certificates: {n}", n=found.certificates)
    if found.score is not None:
        yield t("Score: {score} of 5, from {n} answers", score=f"{found.score:.1f}", n=found.scores)


def comments(found: Iterable[Comment], t: Translator) -> Iterator[str]:
    """What couriers wrote after the session, without names."""
    yield t("What they wrote:")
    for comment in found:
        text = " ".join(comment.text.split())
        yield "  " + t("{score} of 5: {text}", score=comment.score or "–", text=text)


def refused(error: TrainingRefused, t: Translator) -> str:
    """Why a session cannot be changed."""
    match error.reason:
        case "cancelled":
            return t("Nothing was done: the session is cancelled or over.")
        case "started":
            return t("Nothing was done: the new time is in the past, or ends before it begins.")
        case "capacity":
            return t("Nothing was done: {n} places are taken already.", n=error.count)
        case _:
            return t("Nothing was done: there is no such session any more.")
