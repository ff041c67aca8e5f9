"""What one can talk about: every subject of the bot, and the routes that lead to it."""

from bot.common.i18n import Languages
from bot.config.settings import Settings
from bot.conversation.router import Routes, listen
from bot.geo.places import Places
from bot.handlers.account.linking import LinkTalk
from bot.handlers.account.notification_settings import ReminderTalk
from bot.handlers.account.privacy import PrivacyTalk
from bot.handlers.broadcasts import BroadcastTalk
from bot.handlers.cards.how_to_apply import ApplyTalk
from bot.handlers.cards.status import CardTalk
from bot.handlers.feature import Feature, join
from bot.handlers.files import Papers
from bot.handlers.general.start import GeneralHandlers
from bot.handlers.late_answers import LateTalk
from bot.handlers.stations.search import StationTalk
from bot.handlers.trainings.catalogue import TrainingTalk
from bot.services.cards.applications import Cards
from bot.services.cards.pre_applications import CardRequests
from bot.services.couriers.account_linking import Links
from bot.services.couriers.profiles import Profiles
from bot.services.notifications.late_answers import LateAnswers
from bot.services.privacy.erasure import Privacy
from bot.services.stations.search import StationSearch
from bot.services.trainings.registrations import Registrations
from bot.store.encryption import Keyring


def build_routes(
    settings: Settings,
    keys: Keyring,
    languages: Languages,
    places: Places,
    board: StationSearch,
    registrations: Registrations,
    papers: Papers,
    late: LateAnswers,
    *,
    demo: bool,
) -> tuple[Routes, Feature]:
    """The routes of a turn, and all subjects as one: their words, notices and what may repeat."""
    stations = StationTalk(board, places, settings.radius_km * 1000)
    known, requests = Cards(keys), CardRequests(keys)
    cards = CardTalk(known, requests, board)
    apply = ApplyTalk(requests, board, places, cards, stations.at_location, settings.public_url)
    privacy = PrivacyTalk(Privacy(keys), known, requests, (registrations.forget,))
    subjects = [
        stations.feature(),
        cards.feature(),
        apply.feature(),
        privacy.feature(),
        ReminderTalk().feature(),
        TrainingTalk(registrations, Profiles(keys), papers, places, demo=demo).feature(),
        BroadcastTalk().feature(),
        LateTalk(late).feature(),
        LinkTalk(Links(keys, (registrations.join,))).feature(),
    ]
    talk = GeneralHandlers(stations, places, languages, join(subjects), settings.human_contact)
    whole = join([*subjects, talk.feature()])
    words = {
        word: action
        for t in languages.translators.values()
        for spoken, action in whole.words(t)
        for word in listen([spoken])
    }
    routes = Routes(
        actions=whole.actions,
        steps=whole.steps,
        words=words,
        location=apply.at_location,
        arrival=talk.start,
        departure=privacy.departure,
        voice=talk.voice,
        other=talk.other,
        free_text=talk.free_text,
        too_long=talk.too_long,
        stale_button=talk.stale_button,
    )
    return routes, whole
