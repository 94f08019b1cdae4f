//! How the stock stands by everything that is held: what people decided, and what the readings say since.

use super::judgement::Judgement;
use super::line::LineJudgement;
use super::release::{BarCause, LineBar};
use super::standing::LineStanding;
use super::story::Story;
use crate::api::Stock;
use crate::assess::Verdict;
use crate::record::Closing;
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// The stock of a story, by its acts and by the evidence as of now.
///
/// A release by somebody who did not hold evidence that gives a worse verdict does not release: the lines are
/// in quarantine at once, on every device that holds that evidence. A finding, once it is signed, records it.
#[derive(Clone, Debug)]
pub struct StockNow<'a> {
    story: &'a Story,
    verdict: Verdict,
    standings: BTreeMap<u32, LineStanding>,
    /// Its lines as they are judged, which may have a date from their legs.
    lines: &'a [LineJudgement],
}

impl Story {
    /// The stock as everything that is held gives it now.
    pub fn stock_now<'a>(&'a self, judgement: &'a Judgement) -> StockNow<'a> {
        let stock = StockNow::of(self, judgement.verdict, &self.parts_in_question(judgement));
        StockNow { lines: &judgement.lines, ..stock }
    }
}

impl<'a> StockNow<'a> {
    pub(super) fn of(story: &'a Story, verdict: Verdict, in_question: &[u32]) -> Self {
        let stands = |line: u32| match story.standing_by_acts(line) {
            LineStanding::Released if in_question.contains(&line) => LineStanding::Held,
            standing => standing,
        };
        let standings = story.parts().into_iter().map(|line| (line, stands(line))).collect();
        Self { story, verdict, standings, lines: &[] }
    }

    /// How a line stands, from 0; of a shipment without lines ask for line 0.
    pub fn standing(&self, line: u32) -> LineStanding {
        self.standings.get(&line).copied().unwrap_or(LineStanding::Undecided)
    }

    /// How a line's stock stands: by the verdict of the whole shipment until somebody decides; what a decision
    /// left out stays in quarantine. Of what was cancelled only a hold is told, and its rejection.
    pub fn line(&self, line: u32) -> Option<Stock> {
        let standing = self.standing(line);
        if self.story.closing == Some(Closing::Cancelled) {
            return match standing {
                LineStanding::Held => Some(Stock::Quarantine),
                LineStanding::Rejected => Some(Stock::Rejected),
                _ => None,
            };
        }
        let decided = self.story.disposition.is_some();
        let begun = self.story.received.is_some() && !decided;
        match standing {
            LineStanding::Released => Some(Stock::Released),
            LineStanding::Rejected => Some(Stock::Rejected),
            LineStanding::Held | LineStanding::Conflict => Some(Stock::Quarantine),
            LineStanding::Undecided if decided => Some(Stock::Quarantine),
            LineStanding::Undecided if begun && self.verdict == Verdict::Ok => Some(Stock::Received),
            LineStanding::Undecided if begun => Some(Stock::Quarantine),
            LineStanding::Undecided => None,
        }
    }

    /// How the stock stands as a whole: one word for all lines, or released in part.
    ///
    /// A receipt with a verdict other than `ok` is quarantine by itself; so is a hold by anybody, until a
    /// decision that knew of it.
    pub fn state(&self) -> Option<Stock> {
        let mut states: Vec<Stock> = Vec::new();
        for line in self.standings.keys() {
            states.extend(self.line(*line).filter(|stock| !states.contains(stock)));
        }
        match states[..] {
            [] => None,
            [only] => Some(only),
            _ if states.contains(&Stock::Released) => Some(Stock::ReleasedInPart),
            _ => Some(Stock::Quarantine),
        }
    }

    /// The lines that must not be used, from 0, where that is not said of all: those in quarantine.
    pub fn lines_not_to_use(&self) -> Vec<u32> {
        let held = |line: &u32| self.line(*line) == Some(Stock::Quarantine);
        self.story.all_lines().into_iter().filter(held).collect()
    }

    /// Whether any of the stock is in quarantine: DO NOT USE.
    pub fn do_not_use(&self) -> bool {
        self.standings.keys().any(|line| self.line(*line) == Some(Stock::Quarantine))
    }

    /// Whether a decision stands about every line that nothing has put in question since.
    pub fn is_decided(&self) -> bool {
        self.standings.values().all(|standing| !is_open(*standing))
    }

    /// The lines that wait for a decision, from 0.
    pub fn open_lines(&self) -> Vec<u32> {
        let open = |line: &u32| is_open(self.standing(*line));
        self.story.all_lines().into_iter().filter(open).collect()
    }

    /// Of the lines that wait for a decision those that may not be released at an instant, each with
    /// every cause; a date that had passed at the arrival has passed. A line that names no date has its legs'.
    pub fn bars(&self, at: UtcMillis) -> Vec<LineBar> {
        let open = self.open_lines();
        let told = self.story.bars(at);
        let is_new = |bar: &LineBar| !told.contains(bar);
        let mut bars: Vec<LineBar> = self.expired_by_legs(at).into_iter().filter(is_new).collect();
        bars.extend(told.iter().cloned());
        bars.retain(|bar| open.contains(&bar.line));
        bars.sort_by_key(|bar| bar.line);
        bars
    }

    fn expired_by_legs(&self, at: UtcMillis) -> Vec<LineBar> {
        let Some(arrival) = self.story.arrival() else { return Vec::new() };
        let lines = (0_u32..).zip(self.lines);
        let expired = lines.filter(|(_, line)| line.has_expired_by_legs(arrival.max(at)));
        expired.map(|(line, _)| LineBar { line, cause: BarCause::Expired }).collect()
    }

    /// Whether a hold would keep from use what nothing keeps from it now.
    pub(super) fn can_be_held(&self) -> bool {
        let free = |stock| !matches!(stock, Some(Stock::Quarantine | Stock::Rejected));
        self.standings.keys().any(|line| free(self.line(*line)))
    }
}

fn is_open(standing: LineStanding) -> bool {
    !matches!(standing, LineStanding::Released | LineStanding::Rejected)
}
