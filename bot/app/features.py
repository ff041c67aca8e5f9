"""Every feature of the bot, and the routes that lead to it."""

from datetime import timedelta

from bot.common.i18n import Languages
from bot.config.settings import Settings
from bot.conversation.router import Routes, spoken_words
from bot.geo.places import Places
from bot.handlers.account.linking import AccountLinkingHandlers
from bot.handlers.account.notification_settings import NotificationSettingsHandlers
from bot.handlers.account.privacy import PrivacyHandlers
from bot.handlers.broadcasts import BroadcastHandlers
from bot.handlers.cards.how_to_apply import ApplyHandlers
from bot.handlers.cards.status import CardHandlers
from bot.handlers.content.articles import ArticleHandlers
from bot.handlers.content.lessons import LessonHandlers
from bot.handlers.conversations.person import PersonHandlers
from bot.handlers.conversations.silence import PersonAttendance
from bot.handlers.feature import Feature, join
from bot.handlers.files import CourierFiles
from bot.handlers.finance.appointments import AppointmentHandlers
from bot.handlers.finance.own_appointments import OwnAppointmentHandlers
from bot.handlers.finance.scams import ScamHandlers
from bot.handlers.finance.texts import MoneyTexts
from bot.handlers.finance.topics import MoneyHandlers
from bot.handlers.finance.warnings import FraudWarnings
from bot.handlers.form_steps import hear_giving_up
from bot.handlers.general.emergencies import answer_emergency
from bot.handlers.general.paused_forms import PausedFormHandlers
from bot.handlers.general.start import GeneralHandlers
from bot.handlers.honours.answers import AnswerHandlers
from bot.handlers.honours.files import HonourFiles
from bot.handlers.honours.form import NominationForm
from bot.handlers.honours.overview import HonourHandlers
from bot.handlers.honours.voting import VotingHandlers
from bot.handlers.late_answers import LateAnswerHandlers
from bot.handlers.stations.search import StationHandlers
from bot.handlers.trainings.catalogue import TrainingHandlers
from bot.hours.calendar import Holidays
from bot.services.appointments.requests import Appointments
from bot.services.cards.applications import Cards
from bot.services.cards.pre_applications import PreApplications
from bot.services.content import progress
from bot.services.conversations import courier_side
from bot.services.conversations.courier_side import PersonConversations
from bot.services.conversations.duty import DutyHours
from bot.services.couriers.account_linking import AccountLinking
from bot.services.couriers.profiles import Profiles
from bot.services.honours.nominations import Nominations
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.late_answers import LateAnswers
from bot.services.privacy.erasure import Privacy
from bot.services.stations.observations import Observer
from bot.services.stations.reports import StationReporter
from bot.services.stations.search import StationSearch
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.team_limits import TeamLimits
from bot.store.encryption import Keyring


def build_routes(
    settings: Settings,
    keys: Keyring,
    languages: Languages,
    places: Places,
    search: StationSearch,
    registrations: Registrations,
    files: CourierFiles,
    honour_files: HonourFiles,
    late: LateAnswers,
    *,
    demo: bool,
) -> tuple[Routes, Feature]:
    """The routes of a turn, and all subjects as one: their words, notices and what may repeat.

    Raises `ValueError` where two subjects register the same name or a kind of notice has no
    renderer.
    """
    observer = Observer(keys)
    stations = StationHandlers(
        search, places, observer, StationReporter(keys, observer), settings.public_url
    )
    cards_service, pre_applications = Cards(keys), PreApplications(keys)
    cards = CardHandlers(cards_service, pre_applications, search)
    apply = ApplyHandlers(
        pre_applications, search, places, cards, stations.at_location, settings.public_url
    )
    privacy = PrivacyHandlers(
        Privacy(keys), cards_service, pre_applications, (registrations.forget,)
    )
    lessons = LessonHandlers(settings.public_url, demo=demo)
    texts = MoneyTexts(settings.public_url, demo)
    appointments = Appointments(keys)
    booking = AppointmentHandlers(
        appointments, search, places, apply.at_location, settings.public_url
    )
    own_appointments = OwnAppointmentHandlers(appointments, booking.begin)
    money = MoneyHandlers(stations, texts, own_appointments.spoken_of)
    scams = ScamHandlers(settings.public_url)
    conversations = PersonConversations(keys, timedelta(minutes=settings.conversation_minutes))
    duty = DutyHours(settings.duty_hours, Holidays.from_csv())
    subjects = [
        # First: a stranger's message speaks of stations, cards and lessons too.
        Feature(references=(scams.noticed, money.asked)),
        stations.feature(),
        cards.feature(),
        apply.feature(),
        privacy.feature(),
        NotificationSettingsHandlers().feature(),
        TrainingHandlers(
            registrations,
            Profiles(keys),
            files,
            places,
            team_limits=TeamLimits(settings.team_share),
            demo=demo,
        ).feature(),
        lessons.feature(),
        ArticleHandlers(settings.public_url, lessons.start, demo=demo).feature(),
        scams.feature(),
        money.feature(),
        booking.feature(),
        own_appointments.feature(),
        FraudWarnings(texts).feature(),
        *_honours(settings, honour_files, places, demo=demo),
        BroadcastHandlers().feature(),
        LateAnswerHandlers(late).feature(),
        AccountLinkingHandlers(
            AccountLinking(keys, (registrations.join, progress.join, courier_side.join))
        ).feature(),
        PersonHandlers(conversations, duty, settings.human_contact).feature(),
    ]
    subjects.append(PausedFormHandlers(join(subjects).resumes).feature())
    general = GeneralHandlers(stations, places, languages, join(subjects))
    all_features = join([*subjects, general.feature()])
    _check_renderers(all_features)
    words = {
        word: action
        for t in languages.translators.values()
        for spoken, action in all_features.words(t)
        for word in spoken_words([spoken])
    }
    routes = Routes(
        actions=all_features.actions,
        steps=hear_giving_up(all_features.steps),
        words=words,
        location=booking.at_location,
        chat_opened=general.start,
        chat_left=privacy.chat_left,
        voice=general.voice,
        other=general.other,
        free_text=general.free_text,
        too_long=general.too_long,
        stale_button=general.stale_button,
        emergency=answer_emergency,
        attend=PersonAttendance(conversations).attend,
        resumes=all_features.resumes,
        narratives=all_features.narratives,
    )
    return routes, all_features


def _honours(
    settings: Settings, files: HonourFiles, places: Places, *, demo: bool
) -> list[Feature]:
    """Nominations, the answers of nominees, votes and winners."""
    nominations: Nominations = files.nominations
    answers = AnswerHandlers(nominations, files, places, settings.public_url)
    form = NominationForm(nominations, places, answers.agreed, settings.public_url, demo=demo)
    voting = VotingHandlers(nominations, places, demo=demo)
    whole = HonourHandlers(
        nominations, form, answers, voting, places, settings.public_url, demo=demo
    )
    return [answers.feature(), form.feature(), voting.feature(), whole.feature()]


def _check_renderers(all_features: Feature) -> None:
    """Raises `ValueError` for a kind without a renderer: its notices could never be delivered."""
    if missing := sorted(set(NoticeKind) - all_features.renderers.keys()):
        raise ValueError(f"kinds of notices without a renderer: {', '.join(missing)}")
