"""The counts of a queue that are kept, and what becomes of them."""

from sqlalchemy import update
from sqlmodel import Session

from models import db, queue_count
from models.mass_email import MassEmail
from models.queue_count import QueueCounts
from models.queue_item import ItemState, QueueItem
from tests import factories


def queued(session: Session, number: int = 5) -> MassEmail:
    mail = factories.mass_email(session)
    for _ in range(number):
        factories.queue_item(session, mail, factories.recipient(session))
    return mail


def test_a_queue_whose_counts_are_not_kept_is_counted_from_its_items(database) -> None:
    with db.unit_of_work() as session:
        mail = queued(session)
        queue_count.shift(session, mail.id, {ItemState.WAITING: -1, ItemState.HELD: 1})
        assert queue_count.queue_counts(session, mail.id) == QueueCounts(queued=5, waiting=5)
        assert queue_count.differences(session) == []


def test_kept_counts_follow_every_shift_and_their_sum_stays(database) -> None:
    with db.unit_of_work() as session:
        mail, other = queued(session), queued(session, 2)
        queue_count.begin(session, mail.id, {ItemState.WAITING: 5})
        queue_count.begin(session, other.id, {ItemState.WAITING: 2})
        queue_count.shift_all(session, mail.id, ItemState.WAITING, ItemState.HELD, 3)
        ends = [ItemState.SENT, ItemState.UNCERTAIN, ItemState.WAITING]
        queue_count.shift(session, mail.id, queue_count.deltas((ItemState.HELD, end) for end in ends))
        assert queue_count.queue_counts(session, mail.id) == QueueCounts(queued=5, waiting=3, sent=1, uncertain=1)
        assert queue_count.queue_counts(session, other.id) == QueueCounts(queued=2, waiting=2)


def test_a_shift_from_a_state_to_itself_changes_nothing(database) -> None:
    with db.unit_of_work() as session:
        mail = queued(session)
        queue_count.begin(session, mail.id, {ItemState.WAITING: 5})
        queue_count.shift_all(session, mail.id, ItemState.WAITING, ItemState.WAITING, 4)
        queue_count.shift(session, mail.id, queue_count.deltas([(ItemState.WAITING, ItemState.WAITING)]))
        assert queue_count.queue_counts(session, mail.id).waiting == 5


def test_a_count_that_the_queue_does_not_bear_out_is_told(database) -> None:
    with db.unit_of_work() as session:
        mail = queued(session)
        queue_count.begin(session, mail.id, {ItemState.WAITING: 5})
        session.execute(update(QueueItem).where(QueueItem.mass_email_id == mail.id).values(state=ItemState.SENT))
        (wrong,) = queue_count.differences(session)
        assert (wrong.mass_email_id, wrong.kept.waiting, wrong.queue.sent) == (mail.id, 5, 5)
        queue_count.begin(session, mail.id, {ItemState.SENT: 5})
        assert queue_count.differences(session) == []
