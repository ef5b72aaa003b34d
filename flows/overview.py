"""Everything that a warehouse knows about itself, for the end of a build and for a look at it."""

from typing import NamedTuple

from flows.settings import Settings
from flows.spending import Spent, read_spent
from flows.storage import Storage
from warehouse.balance import Balance, read_balance
from warehouse.status import Status, read_status


class Overview(NamedTuple):
    """What is there, how it leans, what it has cost."""

    status: Status
    balance: Balance
    spent: Spent


def overview(settings: Settings) -> Overview:
    """Return the state of the warehouse.

    Raises:
        WarehouseError: it, or the answer journal, cannot be read.
    """
    storage = Storage(settings)
    with storage.open(read_only=True) as db:
        status, balance = read_status(db), read_balance(db)
    return Overview(status, balance, read_spent(storage))
