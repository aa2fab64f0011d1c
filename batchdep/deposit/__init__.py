"""One dataset, from whatever state it is in to the state asked for.

:func:`deposit_dataset` is a sequence of steps, each of which leaves the state such that a later run, after a crash at
any instant, goes on from there::

    settling    find out what an earlier run's request came to; wait for what may still change the draft
    creating    make a draft with the metadata, or find the one that an earlier create made
    drafts      look at a draft that an earlier run made: was it published, edited, filled by somebody?
    describing  send metadata that changed since
    filling     upload each file that the repository does not have, one at a time; its MD5 there must equal ours
    publishing  when that is the goal, and nothing has moved
    finished    a published record stays as it is: changes are reported

Before a request that is not repeatable, its intent is committed; its outcome is committed before the next step. An
unknown outcome is never retried blindly: ``reconcile`` says how it is found out.

A dataset that refers to others of the batch is put aside (Parked) where it has to wait for them: ``links`` says when,
``gates`` how it goes on.
"""

from batchdep.deposit.flow import deposit_dataset, discard_dataset, publish_dataset, read_ahead
from batchdep.deposit.links import Links, Parked
from batchdep.deposit.step import Context, Deferred, Goal, Interrupted, Work

__all__ = [
    "Context",
    "Deferred",
    "Goal",
    "Interrupted",
    "Links",
    "Parked",
    "Work",
    "deposit_dataset",
    "discard_dataset",
    "publish_dataset",
    "read_ahead",
]
