"""Tables: campaigns of the honour 最美快递员, nominations, their photos, and votes."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.cards import INDEXED
from bot.store.models.common import SEALED, Table, partial_index
from bot.store.types import Id, Instant


class CampaignRow(Table):
    """One round of the honour, as operators announce it, in Chinese and perhaps in English.

    The four dates are days in China; the last one of each pair belongs to it. `leagues`: adcodes,
    comma-separated, of the leagues that take part, empty: all. `winners`: how many are honoured.
    """

    __tablename__ = "honour_campaign"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    rules: Mapped[str] = mapped_column(Text)
    rules_en: Mapped[str] = mapped_column(Text, default="")
    leagues: Mapped[str] = mapped_column(String(100), default="")
    nominate_from: Mapped[date]
    nominate_until: Mapped[date]
    vote_from: Mapped[date]
    vote_until: Mapped[date]
    winners: Mapped[int] = mapped_column(SmallInteger, default=10)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    is_sample: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class NominationRow(Table):
    """A courier who is nominated: name, firm and story, sealed.

    `number` is the code by which the nominee answers. `courier_id` is the nominee, NULL until they
    agree; `nominator_id` who nominated somebody else, as long as they are known. `votes`, `place`
    and `certificate` (its number) are those of a winner.
    """

    __tablename__ = "nomination"
    __table_args__ = (
        CheckConstraint(
            "status IN ('asked','new','approved','declined','shortlisted','winner')", name="status"
        ),
        Index("ix_nomination_campaign_status_id", "campaign_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("honour_campaign.id", ondelete="CASCADE"))
    number: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    number_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=INDEXED)
    courier_id: Mapped[int | None] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    nominator_id: Mapped[int | None] = mapped_column(
        ForeignKey("courier.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    firm: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    league: Mapped[str] = mapped_column(String(12))
    story: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    status: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    votes: Mapped[int] = mapped_column(default=0)
    place: Mapped[int | None] = mapped_column(SmallInteger)
    certificate: Mapped[str | None] = mapped_column(String(24), unique=True)
    is_sample: Mapped[bool] = mapped_column(default=False)


class NominationPhotoRow(Table):
    """The photo of a nominee: a JPEG that we encoded, as base64, sealed."""

    __tablename__ = "nomination_photo"

    nomination_id: Mapped[int] = mapped_column(
        ForeignKey("nomination.id", ondelete="CASCADE"), primary_key=True
    )
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    photo: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    at: Mapped[datetime] = mapped_column(Instant)


class HonourVoteRow(Table):
    """The one vote of a courier in a campaign.

    `firm` and `network` (a keyed hash, None where the channel knows none) are compared with those
    of other votes. `hold`: why the vote is not counted until an operator has looked, empty: it is
    counted; `review`: what the operator decided.
    """

    __tablename__ = "honour_vote"
    __table_args__ = (
        CheckConstraint("hold IN ('','network','firm','fresh')", name="hold"),
        CheckConstraint("review IN ('','counted','dropped')", name="review"),
        Index("ix_honour_vote_nomination_at", "nomination_id", "at"),
        partial_index(
            "ix_honour_vote_held",
            "campaign_id",
            "nomination_id",
            where="hold <> '' AND review = ''",
        ),
    )

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("honour_campaign.id", ondelete="CASCADE"), primary_key=True
    )
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Instant)
    firm: Mapped[str] = mapped_column(String(40), default="")
    network: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_fresh: Mapped[bool] = mapped_column(default=False)
    hold: Mapped[str] = mapped_column(String(8), default="")
    review: Mapped[str] = mapped_column(String(8), default="")
