//! What the screen knows: the last snapshot, carried on by events, one revision at a time.

use firn_model::api::{Change, Event, Snapshot};
use firn_model::id::Id;
use std::collections::BTreeMap;

/// How far the download from one logger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub done: u32,
    pub total: Option<u32>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It changed what is shown.
    Applied,
    /// The snapshot already has it.
    Old,
    /// It waits for the snapshot.
    Early,
    /// One before it never came: only a new snapshot helps.
    Missed,
}

/// The last snapshot and what came after it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed {
    pub snapshot: Option<Snapshot>,
    /// Downloads under way, by logger.
    pub progress: BTreeMap<Id, Progress>,
    /// The revision at which a shipment last changed, for screens that show more than its summary.
    touched: BTreeMap<Id, u64>,
    /// Whether the snapshot may be carried on; else events wait for a new one.
    in_step: bool,
    /// Events that came before the snapshot they follow.
    early: Vec<Event>,
}

impl Feed {
    /// Takes a snapshot and the events that waited for it; `Missed` if one of them is missing.
    pub(crate) fn take_snapshot(&mut self, snapshot: Snapshot) -> Taken {
        for shipment in &snapshot.shipments {
            self.touched.insert(shipment.id, snapshot.revision);
        }
        self.snapshot = Some(snapshot);
        self.in_step = true;
        let mut early = std::mem::take(&mut self.early);
        early.sort_by_key(|event| event.revision);
        let outcomes: Vec<Taken> = early.into_iter().map(|event| self.take_event(event)).collect();
        if outcomes.contains(&Taken::Missed) { Taken::Missed } else { Taken::Applied }
    }

    /// Takes the next event.
    pub(crate) fn take_event(&mut self, event: Event) -> Taken {
        let snapshot = match &mut self.snapshot {
            Some(snapshot) if self.in_step => snapshot,
            _ => {
                self.early.push(event);
                return Taken::Early;
            }
        };
        if event.revision <= snapshot.revision {
            return Taken::Old;
        }
        if event.revision != snapshot.revision.saturating_add(1) {
            self.in_step = false;
            self.early.push(event);
            return Taken::Missed;
        }
        snapshot.revision = event.revision;
        match event.change {
            Change::Shipment(shipment) => {
                self.touched.insert(shipment.id, event.revision);
                put(&mut snapshot.shipments, *shipment, |a, b| a.id == b.id, Place::First);
            }
            Change::Logger(logger) => put(&mut snapshot.loggers, logger, |a, b| a.id == b.id, Place::Last),
            Change::Nearby(nearby) => {
                put(&mut snapshot.nearby, nearby, |a, b| a.transmitter == b.transmitter, Place::Last);
            }
            Change::Watching(watching) => snapshot.watching = watching,
            Change::Peer(peer) => put(&mut snapshot.peers, peer, |a, b| a.log == b.log, Place::Last),
            Change::Session { session } => snapshot.session = session,
            Change::People { people } => {
                snapshot.signing_needed = !people.is_empty();
                snapshot.people = people;
            }
            Change::Progress { logger, done, total } => {
                if total == Some(done) {
                    self.progress.remove(&logger);
                } else {
                    self.progress.insert(logger, Progress { done, total });
                }
            }
        }
        Taken::Applied
    }

    /// The revision at which this shipment last changed.
    pub(crate) fn touched(&self, shipment: Id) -> u64 {
        self.touched.get(&shipment).copied().unwrap_or_default()
    }
}

enum Place {
    First,
    Last,
}

/// Replaces the like of `item` where it stands, or adds it.
fn put<T>(list: &mut Vec<T>, item: T, alike: impl Fn(&T, &T) -> bool, place: Place) {
    match (list.iter_mut().find(|known| alike(known, &item)), place) {
        (Some(known), _) => *known = item,
        (None, Place::First) => list.insert(0, item),
        (None, Place::Last) => list.push(item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::api::{Origin, Watching};
    use firn_model::time::UtcMillis;
    use firn_model::vault::PositionSetting;

    fn snapshot(revision: u64) -> Snapshot {
        Snapshot {
            revision,
            organisation: None,
            origin: Origin::Bluetooth,
            shipments: vec![],
            loggers: vec![],
            nearby: vec![],
            watching: Watching::Watching { since: UtcMillis(0) },
            peers: vec![],
            profiles: vec![],
            session: None,
            people: vec![],
            signing_needed: false,
            policy: None,
            endings: BTreeMap::new(),
            positions: PositionSetting::Off,
            partners: vec![],
            comparing: None,
        }
    }

    fn event(revision: u64) -> Event {
        let since = UtcMillis(i64::try_from(revision).unwrap());
        Event { revision, change: Change::Watching(Watching::Watching { since }) }
    }

    fn revision(feed: &Feed) -> u64 {
        feed.snapshot.as_ref().unwrap().revision
    }

    #[test]
    fn an_event_that_is_next_is_applied_and_one_that_is_not_asks_for_a_snapshot() {
        let mut feed = Feed::default();
        assert_eq!(feed.take_snapshot(snapshot(5)), Taken::Applied);
        assert_eq!(feed.take_event(event(6)), Taken::Applied);
        assert_eq!(feed.take_event(event(8)), Taken::Missed);
        assert_eq!(revision(&feed), 6, "a missed event changes nothing");
        assert_eq!(feed.take_event(event(9)), Taken::Early);
        assert_eq!(feed.take_snapshot(snapshot(7)), Taken::Applied);
        assert_eq!(revision(&feed), 9, "what came meanwhile is not lost");
    }

    #[test]
    fn an_event_that_the_snapshot_already_has_is_left_out() {
        let mut feed = Feed::default();
        feed.take_snapshot(snapshot(5));
        assert_eq!(feed.take_event(event(5)), Taken::Old);
        assert_eq!(revision(&feed), 5);
    }

    #[test]
    fn events_before_the_first_snapshot_wait_for_it() {
        let mut feed = Feed::default();
        for revision in [7, 6, 5] {
            assert_eq!(feed.take_event(event(revision)), Taken::Early);
        }
        assert_eq!(feed.take_snapshot(snapshot(5)), Taken::Applied);
        assert_eq!(revision(&feed), 7);
    }

    #[test]
    fn a_finished_download_no_longer_shows_progress() {
        let mut feed = Feed::default();
        feed.take_snapshot(snapshot(0));
        let logger = Id([1; 16]);
        let at =
            |revision, done| Event { revision, change: Change::Progress { logger, done, total: Some(1023) } };
        feed.take_event(at(1, 400));
        assert_eq!(feed.progress.get(&logger), Some(&Progress { done: 400, total: Some(1023) }));
        feed.take_event(at(2, 1023));
        assert!(feed.progress.is_empty());
    }
}
