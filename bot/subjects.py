"""What one can talk about: every subject of the bot, and the routes that lead to it."""

from bot.conversation.router import Routes, listen
from bot.geo.places import Places
from bot.handlers.broadcasts import BroadcastTalk
from bot.handlers.card_apply import ApplyTalk
from bot.handlers.cards import CardTalk
from bot.handlers.feature import Feature, join
from bot.handlers.late import LateTalk
from bot.handlers.linking import LinkTalk
from bot.handlers.papers import Papers
from bot.handlers.privacy import PrivacyTalk
from bot.handlers.reminders import ReminderTalk
from bot.handlers.start import Talk
from bot.handlers.stations import StationTalk
from bot.handlers.trainings import TrainingTalk
from bot.language import Languages
from bot.services.board import Board
from bot.services.card_requests import CardRequests
from bot.services.cards import Cards
from bot.services.late import LateAnswers
from bot.services.links import Links
from bot.services.privacy import Privacy
from bot.services.profiles import Profiles
from bot.services.registrations import Registrations
from bot.settings import Settings
from bot.store.sealed import Keyring


def converse(
    settings: Settings,
    keys: Keyring,
    languages: Languages,
    places: Places,
    board: Board,
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
    apply = ApplyTalk(requests, board, places, cards, stations.at_location)
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
    talk = Talk(stations, places, languages, join(subjects), settings.human_contact)
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
