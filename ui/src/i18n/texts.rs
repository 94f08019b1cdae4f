//! Every text on screen as a field: a language that lacks one does not compile.
//!
//! A name in braces (`{time}`) is filled in by [`fill`](super::fill); a test compares the names of
//! every language with those of English.

use super::register::RegisterTexts;
use super::scan::ScanTexts;
use super::site::{CertificateTexts, FileTexts, FoundingTexts, PositionTexts};
use super::work::{ExcursionTexts, TaskTexts};

/// A group of texts, listable for the tests.
macro_rules! group {
    ($(#[$doc:meta])* $name:ident { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        pub(crate) struct $name { $(pub $field: &'static str),* }

        #[cfg(test)]
        impl $name {
            pub(super) fn each(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($field), self.$field)),*]
            }
        }
    };
}

/// All texts of one language.
pub(crate) struct Texts {
    pub shell: ShellTexts,
    pub list: ListTexts,
    pub verdict: VerdictTexts,
    pub reason: ReasonTexts,
    pub phase: PhaseTexts,
    pub stock: StockTexts,
    pub next: NextTexts,
    pub shipment: ShipmentTexts,
    pub condition: ConditionTexts,
    pub observation: ObservationTexts,
    pub steps: StepTexts,
    pub chart: ChartTexts,
    pub history: HistoryTexts,
    pub refused: RefusedTexts,
    pub create: CreateTexts,
    pub nearby: NearbyTexts,
    pub peers: PeerTexts,
    pub device: DeviceTexts,
    pub task: TaskTexts,
    pub excursion: ExcursionTexts,
    pub refusal: RefusalTexts,
    pub query: QueryTexts,
    pub sign: SignTexts,
    pub meaning: MeaningTexts,
    pub people: PeopleTexts,
    pub register: RegisterTexts,
    pub scan: ScanTexts,
    pub position: PositionTexts,
    pub certificate: CertificateTexts,
    pub founding: FoundingTexts,
    pub file: FileTexts,
    pub loggers: Plural,
    pub readings: Plural,
    pub entries: Plural,
}

group! {
    /// What frames every screen.
    ShellTexts {
        shipments, nearby, peers, device, navigation, skip, demo, watching, not_watching, unknown, connecting, lost,
        retry, next, back, cancel,
    }
}

group! {
    /// The list of shipments, and what stands there while it is empty.
    ListTexts {
        title, filter, new, none_match, read, stale, no_reading, to, empty_title, empty_body, demo_start, demo_note,
        create, join,
    }
}

group! {
    /// The verdict in words, and what each means.
    VerdictTexts { ok, review, excursion, pending, ok_means, review_means, excursion_means, pending_means }
}

group! {
    /// Why a verdict is not `ok`.
    ReasonTexts {
        no_readings, gap, gap_worst_case, out_without_alarm, warning, freeze, budget_used, leg_missing,
        leg_not_released, provenance, calibration, clock, logger_missing, partner_unknown, late_entry, membership_stale, observation,
        count, expired, custody_conflict,
    }
}

group! {
    /// How far a shipment is.
    PhaseTexts { created, in_transit, received, closed, cancelled }
}

group! {
    /// How received stock stands.
    StockTexts { received, quarantine, released, released_in_part, rejected, quarantine_means, quarantine_lines }
}

group! {
    /// The next step of a shipment.
    NextTexts { start, carry, act_now, release, decide, kept, rejected, closed }
}

group! {
    /// One shipment's facts.
    ShipmentTexts {
        loading, facts, profile, limits, from, to, custodian, clocks, clocks_differ, as_signed, created, started, received, items, lot, expiry, gtin,
        quantity, statistics, lowest, highest, mean, kinetic, in_range, above, below, no_data, readings, span,
        worst_above, worst_below, loggers, serial, interval, history, excursions, alarms, fired, open_end, no_lower_limit,
        looser, other_profile, leg_differs, extreme, method, probe, nothing_read, as_one, not_counted_outside, not_counted_unplaced,
        budgets, left, at_most, spent, judged_by, package, certificate_valid, certificate_expired,
        certificate_missing, found_out, hand_overs, offered_at, accepted_at, confirmed_at, nobody_yet,
        one_sided, received_one_sided, single_person, partner_has_it, partner_decides, partner_leg,
        partner_histories,
    }
}

group! {
    /// What else was measured.
    ConditionTexts {
        title, note, temperature, humidity, pressure, movement, acceleration, battery_voltage, battery_charge,
        within, out, not_judged, no_limit, no_readings, at_least, at_most, between, counted, average,
    }
}

group! {
    /// What people see on goods, and the form for it.
    ObservationTexts {
        title, what, note, vvm, freeze, coolant, seal, other, stage, intact, activated, frozen,
        partly_melted, melted, broken, submit, seen, at, photo, cause, note_missing,
        package, whole, photo_label, photo_hint, photo_reading, photo_unread,
    }
}

group! {
    /// What a person can do to a shipment.
    StepTexts {
        title, start, start_hint, no_loggers, receive, note, receive_hint, release, release_in_part,
        reject, reason, download, downloading, downloading_of,
        clock_title, clock_question, clock_once, clock_allow,
        also, waits, roles, except, missing, choose_one, choose_some, certificate, cancel, cancel_hint, offer,
        offer_hint, accept, accept_hint, confirm, confirm_hint, hand_over_held, read, read_hint, read_again, seal, seal_intact,
        seal_broken, seal_none, counts, counted, expired, date_time, whole_number, unread, unread_reason, acknowledge,
        acknowledge_hint, review, cause, action, asked, manufacturer, case_number, due, lots, reply, answered,
        advice, may_be_used, discard, its_words, approve, approve_hint, release_what,
        release_all, release_lines, barred, alone, quarantine, quarantine_hint, close, close_hint, find,
        find_hint, move_arrival, move_hint, arrived_at, move_pick_up, move_pick_up_hint, picked_up_at,
        which_pick_up, approve_pick_up, earlier, earlier_hint, earlier_start_hint, instant_form,
        late_reason, ask, ask_hint,
        no_loggers_next, certificate_none,
        day_missing,
    }
}

group! {
    /// The chart and its table.
    ChartTexts {
        label, hint, limits, excursion, gap, table, time, temperature, state, in_range, above, below, page,
        earlier, later, reading,
    }
}

group! {
    /// What happened, entry by entry.
    HistoryTexts {
        created, started, readings, assessed, offered, accepted, confirmed, received, disposition, closed, cancelled,
        other, signed_by, unknown_device, entry, note,
        clock_set, clock_before, clock_before_unknown, after_clock_set, session, session_bytes,
        quarantined, reviewed, acknowledged, replied, arrival_moved, pick_up_moved, approved, pick_up_approved, found,
        position, position_elsewhere, position_sealed, position_erased, position_unreadable,
        evidence_taken, taken_over, receipt_taken, partner_unpinned,
        happened, recorded_late,
        by_person, on_device, seal, counted, expired_lines, not_read, action, asked, case, lines,
        counted_of,
    }
}

group! {
    /// Why an entry does not count.
    RefusedTexts {
        title, device_not_enrolled, disputed, provisional, role_may_not_sign, malformed_body, repeated, out_of_order,
        not_the_custodian, expired, second_person_needed, not_settled, lines_barred, not_a_reason, unknown_name, other,
        person_missing, person_not_enrolled, person_ended, person_not_trained, key_not_of_person, key_withdrawn,
        still_to_come, late_without_reason,
    }
}

group! {
    /// The form for a new shipment.
    CreateTexts {
        title, reference, reference_hint, profile, confirm, optional, product, add_item, remove_item, submit,
        reference_missing, product_missing, quantity_bad, source, scan_hint, expiry_form, no_goods, no_goods_next,
        own,
        set_aside,
    }
}

group! {
    /// Loggers heard by the radio.
    NearbyTexts {
        title, none, none_hint, heard, enrolled, not_enrolled, enrol, label, label_hint, save, strong, good, weak,
        very_weak, not_live, no_temperature, battery, humidity, signal,
        counter_fell,
        all, certificate, no_certificate, end, ending, lost, faulty, retired, ended,
        off, off_hint,
    }
}

group! {
    /// The other devices of the organisation.
    PeerTexts {
        title, none, none_hint, synced, never_synced, clock_ahead, clock_behind, revoked, sync_all, sync, invite, invite_hint, role, make, code,
        copy, copied, expires, join, join_hint, invitation, own_label, submit, done, compare, compare_here,
        compare_there, same, different,
    }
}

group! {
    /// This device and the organisation that it belongs to.
    DeviceTexts {
        title, organisation, none, fingerprint, label, role, log, language, courier, pharmacist, quality, admin,
        unknown_role, partners, partners_hint, partner_pinned, partner_revoked,
    }
}

group! {
    /// Refusals worded by their code: what happened, then what to do.
    RefusalTexts {
        adapter_missing, adapter_missing_next, adapter_off, adapter_off_next, adapter_silent, adapter_silent_next,
        service_missing, service_missing_next, permission, permission_next,
        not_started, not_started_next, no_shell, no_shell_next, lost, lost_next, unreadable, unreadable_next,
        not_found, not_found_next, out_of_order, out_of_order_next, position_off, position_off_next, vault,
        vault_next, role, role_next, device_revoked, device_revoked_next, log_barred, log_barred_next,
        join_unfinished, join_unfinished_next, log_provisional, log_provisional_next, root_needed, root_needed_next,
        root_away, root_away_next,
        second_person, second_person_next, not_settled, not_settled_next, lines_barred, lines_barred_next, not_a_reason,
        not_a_reason_next, unknown_name,
        unknown_name_next, still_to_come, still_to_come_next, late_reason, late_reason_next, reason_needed, reason_needed_next, reference_missing,
        reference_missing_next, incomplete, incomplete_next, contradiction, contradiction_next,
        time_impossible, time_impossible_next, temperature_impossible,
        temperature_impossible_next, certificate, certificate_next, label_taken, label_taken_next,
        invitation, invitation_next, unreachable, unreachable_next, home_in_use, home_in_use_next, home_full,
        home_full_next, logger_silent, logger_silent_next, other_logger, other_logger_next,
        clock_consent, clock_consent_next, not_encrypted, not_encrypted_next, not_authentic, not_authentic_next,
        key_missing, key_missing_next, not_heard, not_heard_next, no_log, no_log_next, logger_locked,
        another_logger, another_logger_next, not_paired, not_paired_next, services_old, services_old_next,
        no_present, no_present_next,
        logger_locked_next, logger_failed, logger_failed_next, logger_unknown, logger_unknown_next,
        radio_failed, radio_failed_next, ambiguous, ambiguous_next, no_readings, no_readings_next, record_bad,
        record_bad_next, zone, zone_next, preview, preview_next, newer, newer_next, locked_out, locked_out_next, home_io, home_io_next,
        home_exists, home_exists_next, demo, demo_next, foreign, foreign_next, peer_busy, peer_busy_next,
        peer_failed, peer_failed_next, peer_floods, peer_floods_next, name_bad, name_bad_next,
        person_needed, person_needed_next, sign_in, sign_in_next, pin_wrong, pin_wrong_next, signing_locked,
        signing_locked_next, pin_short, pin_short_next, no_person_key, no_person_key_next, device_known, device_known_next, enrolment_code, enrolment_code_next, person_key_exists,
        person_key_exists_next, person_id_taken, person_id_taken_next, person_not_enrolled, person_ended,
        person_not_trained, key_not_of_person, key_withdrawn, ask_admin_next,
    }
}

group! {
    /// What a manufacturer is asked with.
    QueryTexts {
        title, hint, show, copy, band, proven, worst, frozen, all_legs, earlier_leg, legs_missing,
    }
}

group! {
    /// How a person signs.
    SignTexts {
        title, says, binding, person, as_person, somebody_else, pin, pin_hint, tries_left, locked, nobody,
        lock, sign_in, sign_in_hint, signed_in,
    }
}

group! {
    /// What a person says by signing.
    MeaningTexts {
        enrolled_logger, ended_logger, published_profile, created, picked_up, offered_custody,
        accepted_custody, confirmed_custody, took_evidence, received, corrected_arrival, corrected_pick_up, quarantined, reviewed, acknowledged,
        recorded_reply, released, released_in_part, rejected, approved, recorded_finding, recorded_excursion,
        observed, set_policy, closed, cancelled,
    }
}

group! {
    /// The organisation's people, their keys and rules.
    PeopleTexts {
        title, none, trained, not_trained, ended, has_key, no_key, make_key, accountability, code, code_hint, accountability_title, accept, new_pin,
        again, differ, make, change_pin, old_pin, change, changed, policy, policy_hint, two_persons, one_person, set_policy,
        accountability_text, accountability_binds, change_reason, change_reason_hint,
    }
}

/// A counted noun in the plural categories of Unicode CLDR; `{count}` stands for the number.
pub(crate) struct Plural {
    pub zero: &'static str,
    pub one: &'static str,
    pub two: &'static str,
    pub few: &'static str,
    pub many: &'static str,
    pub other: &'static str,
}

impl Plural {
    /// Of a language that tells one from many only.
    pub(super) const fn pair(one: &'static str, other: &'static str) -> Self {
        Self { zero: other, one, two: other, few: other, many: other, other }
    }

    /// The text of a category as `Intl.PluralRules` names it.
    pub(crate) fn form(&self, category: &str) -> &'static str {
        match category {
            "zero" => self.zero,
            "one" => self.one,
            "two" => self.two,
            "few" => self.few,
            "many" => self.many,
            _ => self.other,
        }
    }
}

#[cfg(test)]
impl Texts {
    /// Every text with its name, for comparisons between languages.
    pub(super) fn each(&self) -> Vec<(String, &'static str)> {
        let groups = [
            ("shell", self.shell.each()),
            ("list", self.list.each()),
            ("verdict", self.verdict.each()),
            ("reason", self.reason.each()),
            ("phase", self.phase.each()),
            ("stock", self.stock.each()),
            ("next", self.next.each()),
            ("shipment", self.shipment.each()),
            ("condition", self.condition.each()),
            ("observation", self.observation.each()),
            ("steps", self.steps.each()),
            ("chart", self.chart.each()),
            ("history", self.history.each()),
            ("refused", self.refused.each()),
            ("create", self.create.each()),
            ("nearby", self.nearby.each()),
            ("peers", self.peers.each()),
            ("device", self.device.each()),
            ("task", self.task.each()),
            ("excursion", self.excursion.each()),
            ("refusal", self.refusal.each()),
            ("query", self.query.each()),
            ("sign", self.sign.each()),
            ("meaning", self.meaning.each()),
            ("people", self.people.each()),
            ("register", self.register.each()),
            ("scan", self.scan.each()),
            ("position", self.position.each()),
            ("certificate", self.certificate.each()),
            ("founding", self.founding.each()),
            ("file", self.file.each()),
        ];
        groups
            .into_iter()
            .flat_map(|(group, texts)| {
                texts.into_iter().map(move |(field, text)| (format!("{group}.{field}"), text))
            })
            .collect()
    }
}
