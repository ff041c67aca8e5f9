"""Outlets of the bank with their services, for stories about money."""

from sqlalchemy import insert

from bot.services.dataset_version import Dataset, raise_version
from bot.store.models.stations import FacilityRow
from tests.support.courier import Deployment

SERVICES_OF = {1: ("bank", "payroll", "loan"), 5: ("bank", "payroll", "financing")}
"""By the number of a station of `tests.support.stations`."""


async def open_outlets(deployment: Deployment) -> None:
    """S1 and S5 are outlets with these services."""
    async with deployment.replicas[0].store.writing() as db:
        rows = [
            {"station_id": station, "code": code, "state": "ok", "note": ""}
            for station, codes in SERVICES_OF.items()
            for code in codes
        ]
        await db.execute(insert(FacilityRow), rows)
        await raise_version(db, Dataset.STATIONS)
    await deployment.refresh()
