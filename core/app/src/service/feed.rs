//! What a front end is sent: revisions, one listener, and adverts that wait for their turn.

use firn_model::api::{Change, Event, Nearby, SessionShown, Watching};
use firn_model::time::UtcMillis;
use std::collections::{BTreeMap, VecDeque};

/// Takes every event, in order.
pub type Listener = Box<dyn Fn(Event) + Send>;

/// For how long a transmitter stays in the list after it was last heard.
const HEARD_LATELY_S: i64 = 900;
/// How many transmitters are kept at most: a crowd of foreign ones must not fill the memory.
const MOST_TRANSMITTERS: usize = 512;

/// The state behind events; every event of it counts the revision up by one.
pub(super) struct Feed {
    pub revision: u64,
    pub watching: Watching,
    /// The session as last told.
    pub session: Option<SessionShown>,
    listener: Option<Listener>,
    seen: BTreeMap<String, Nearby>,
    /// Transmitters whose newest advert was not told yet, the longest waiting first.
    waiting: VecDeque<String>,
}

impl Feed {
    pub fn new(watching: Watching) -> Self {
        Self {
            revision: 0,
            watching,
            session: None,
            listener: None,
            seen: BTreeMap::new(),
            waiting: VecDeque::new(),
        }
    }

    pub fn listen(&mut self, listener: Listener) {
        self.listener = Some(listener);
    }

    /// Sends a change under the next revision.
    pub fn send(&mut self, change: Change) {
        self.revision = self.revision.saturating_add(1);
        if let Change::Watching(watching) = &change {
            self.watching = watching.clone();
        }
        if let Some(listener) = &self.listener {
            listener(Event { revision: self.revision, change });
        }
    }

    /// Tells how the signing session stands, where that is news.
    pub fn tell_session(&mut self, session: Option<SessionShown>) {
        if self.session != session {
            self.session.clone_from(&session);
            self.send(Change::Session { session });
        }
    }

    /// Leaves a revision out, so that the front end asks for a new snapshot.
    pub fn start_anew(&mut self) {
        self.revision = self.revision.saturating_add(1);
        self.send(Change::Watching(self.watching.clone()));
    }

    /// Notes an advert; it is told by [`Feed::tell_one`].
    pub fn hear(&mut self, seen: Nearby) {
        let transmitter = seen.transmitter.clone();
        self.forget_older_than(seen.heard);
        if !self.seen.contains_key(&transmitter) && self.seen.len() >= MOST_TRANSMITTERS {
            return;
        }
        if !self.waiting.contains(&transmitter) {
            self.waiting.push_back(transmitter.clone());
        }
        self.seen.insert(transmitter, seen);
    }

    /// Tells the newest advert of the transmitter that has waited longest.
    pub fn tell_one(&mut self) {
        while let Some(transmitter) = self.waiting.pop_front() {
            if let Some(seen) = self.seen.get(&transmitter) {
                let nearby = seen.clone();
                return self.send(Change::Nearby(nearby));
            }
        }
    }

    pub fn seen(&self, transmitter: &str) -> Option<&Nearby> {
        self.seen.get(transmitter)
    }

    /// Every transmitter heard lately.
    pub fn nearby(&mut self, now: UtcMillis) -> Vec<Nearby> {
        self.forget_older_than(now);
        self.seen.values().cloned().collect()
    }

    /// Forgets every transmitter: another radio listens from now on.
    pub fn forget_all(&mut self) {
        self.seen.clear();
        self.waiting.clear();
    }

    fn forget_older_than(&mut self, now: UtcMillis) {
        self.seen.retain(|_, seen| seen.heard.plus_seconds(HEARD_LATELY_S) >= now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::reading::Measurement;
    use std::sync::{Arc, Mutex};

    fn seen(transmitter: &str, heard_s: i64) -> Nearby {
        Nearby {
            transmitter: transmitter.into(),
            address: None,
            family: "ruuvitag".into(),
            name: None,
            logger: None,
            rssi_dbm: Some(-60),
            measurement: Measurement::default(),
            heard: UtcMillis(heard_s * 1000),
            ..Nearby::default()
        }
    }

    fn listened() -> (Feed, Arc<Mutex<Vec<Event>>>) {
        let mut feed = Feed::new(Watching::Watching { since: UtcMillis(0) });
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = events.clone();
        feed.listen(Box::new(move |event| sink.lock().unwrap().push(event)));
        (feed, events)
    }

    #[test]
    fn a_chatty_transmitter_is_told_once_with_its_newest_advert_and_keeps_no_other_waiting() {
        let (mut feed, events) = listened();
        feed.hear(seen("a", 1));
        feed.hear(seen("b", 2));
        for second in 3..100 {
            feed.hear(seen("a", second));
        }
        (0..5).for_each(|_| feed.tell_one());
        let told: Vec<_> = events
            .lock()
            .unwrap()
            .iter()
            .map(|event| match &event.change {
                Change::Nearby(nearby) => (event.revision, nearby.transmitter.clone(), nearby.heard.0),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, [(1, "a".into(), 99_000), (2, "b".into(), 2000)]);
    }

    #[test]
    fn starting_anew_leaves_a_revision_out_so_that_a_snapshot_is_asked_for() {
        let (mut feed, events) = listened();
        feed.send(Change::Watching(Watching::Watching { since: UtcMillis(5) }));
        feed.start_anew();
        let revisions: Vec<u64> = events.lock().unwrap().iter().map(|event| event.revision).collect();
        assert_eq!(revisions, [1, 3]);
    }

    #[test]
    fn a_transmitter_that_fell_silent_leaves_the_list_after_a_quarter_of_an_hour() {
        let (mut feed, _) = listened();
        feed.hear(seen("a", 100));
        assert_eq!(feed.nearby(UtcMillis(1_000_000)).len(), 1);
        assert_eq!(feed.nearby(UtcMillis(1_000_001)).len(), 0);
    }
}
