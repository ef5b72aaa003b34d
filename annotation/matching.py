"""Who meets which situation: so many people a situation, so many situations a person, nobody one twice.

That is a bipartite graph with given degrees. Whether there is one, and one that does, is told exactly by a maximum flow
(Ford and Fulkerson 1956; scipy has Dinic's algorithm). A solver's graph is far from random, though: the same people
would meet the same situations over and over, and a study whose blocks never overlap cannot tell people from items. So
it is shuffled by Curveball trades (Strona et al. 2014, Nature Communications 5, 4114), which keep all degrees.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow

Counts = NDArray[np.int64]
Pairs = NDArray[np.bool_]

TRADES_PER_SEAT: Final = 5
"""Strona et al. find 5 trades for each row enough; seats are the rows here."""


def matched(wanted: Counts, room: Counts, may: Pairs) -> Pairs:
    """Return who meets what: as many meetings as there can be, and seats filled about evenly.

    Args:
        wanted: shape (s,), people for each situation.
        room: shape (n,), situations that each seat has room for.
        may: shape (s, n), whether a seat may meet a situation.

    Returns:
        Shape (s, n). Row i has `wanted[i]` seats if that is possible for all rows at once, else some row has fewer.
    """
    even = -(-int(wanted.sum()) // max(len(room), 1))
    met = _flow(wanted, np.minimum(room, even), may)
    if met.sum() < wanted.sum():
        met = _flow(wanted, room, may)
    _level(met, room, may)
    return met


def shuffled(met: Pairs, may: Pairs, rng: np.random.Generator) -> Pairs:
    """Return another graph of the same degrees within `may`, shape (s, n) as both."""
    mixed = met.copy()
    seats = mixed.shape[1]
    if seats < 2:
        return mixed
    for _ in range(TRADES_PER_SEAT * seats):
        one, other = rng.choice(seats, size=2, replace=False)
        tradable = (mixed[:, one] != mixed[:, other]) & may[:, one] & may[:, other]
        places = np.flatnonzero(tradable)
        mine = int(mixed[places, one].sum())
        if 0 < mine < len(places):
            rng.shuffle(places)
            mixed[places, one] = np.arange(len(places)) < mine
            mixed[places, other] = ~mixed[places, one]
    return mixed


def _level(met: Pairs, room: Counts, may: Pairs) -> None:
    """Move situations from the fullest seats to seats with two fewer, in place."""
    load = met.sum(axis=0)
    givers = list(range(len(load)))
    while givers:
        giver = max(givers, key=lambda seat: load[seat])
        takers = np.flatnonzero((load <= load[giver] - 2) & (load < room))
        for taker in takers[np.argsort(load[takers], kind="stable")]:
            movable = np.flatnonzero(met[:, giver] & ~met[:, taker] & may[:, taker])
            if len(movable):
                met[movable[0], giver], met[movable[0], taker] = False, True
                load[giver] -= 1
                load[taker] += 1
                break
        else:
            givers.remove(giver)


def _flow(wanted: Counts, room: Counts, may: Pairs) -> Pairs:
    """Return a maximum flow from the source through situations and seats to the sink, as the pairs that carry it."""
    situations, seats = may.shape
    first_seat, sink = 1 + situations, 1 + situations + seats
    rows, columns = np.nonzero(may)
    tails = np.concatenate([np.zeros(situations, np.int64), 1 + rows, first_seat + np.arange(seats)])
    heads = np.concatenate([1 + np.arange(situations), first_seat + columns, np.full(seats, sink)])
    capacities = np.concatenate([wanted, np.ones(len(rows), np.int64), room]).astype(np.int32)
    network = coo_array((capacities, (tails, heads)), shape=(sink + 1, sink + 1)).tocsr()
    flow = maximum_flow(network, 0, sink).flow.tocoo()  # as it comes: a dense one would be of all nodes by all nodes
    used = (flow.data > 0) & (flow.row >= 1) & (flow.row < first_seat) & (flow.col >= first_seat)
    carried: Pairs = np.zeros(may.shape, np.bool_)
    carried[flow.row[used] - 1, flow.col[used] - first_seat] = True
    return carried
