"""Rows of a list about stations that were merged into others."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.spreadsheets.cells import clean
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.listed import Checked
from bot.services.stations.merging.redirects import merged_codes


async def without_merged(db: AsyncSession, checked: Checked) -> Checked:
    """Takes them out of the list: nothing is written of them, which is told.

    The station that such a row leads to is not missing in the file.
    """
    merged = {clean(code): into for code, into in (await merged_codes(db)).items()}
    kept = []
    for one in checked.listed:
        into = merged.get(one.entry.code)
        if into is None:
            kept.append(one)
            continue
        checked.codes.add(clean(into.code))
        found = one.problem("code", StationFault.MERGED, code=into.code, name=into.name)
        checked.warnings.append(found)
    checked.listed = kept
    return checked
