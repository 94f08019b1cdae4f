//! What a refusal means by its code: what happened, and what to do. Codes that ask for the same are worded alike.

use super::{CLOCK_CONSENT, LOST, NO_GOODS, NO_SHELL, UNREADABLE};
use crate::i18n::Texts;

/// The words of a code; none for one that this version does not know.
pub(super) fn by_code(code: &str, texts: &Texts) -> Option<(&'static str, &'static str)> {
    let t = &texts.refusal;
    let known = radio(code, texts).or_else(|| logger(code, texts)).or_else(|| peer(code, texts));
    let known = known.or_else(|| person(code, texts)).or_else(|| scan(code, texts));
    known.or_else(|| {
        Some(match code {
            NO_SHELL => (t.no_shell, t.no_shell_next),
            LOST => (t.lost, t.lost_next),
            UNREADABLE => (t.unreadable, t.unreadable_next),
            NO_GOODS => (texts.create.no_goods, texts.create.no_goods_next),
            "app/not-found" => (t.not_found, t.not_found_next),
            "app/ambiguous" => (t.ambiguous, t.ambiguous_next),
            "app/position-off" => (t.position_off, t.position_off_next),
            "vault/busy" | "vault/damaged" | "vault/wrong-key" | "app/name-kept" => (t.vault, t.vault_next),
            "app/out-of-order" => (t.out_of_order, t.out_of_order_next),
            "app/second-person-needed" => (t.second_person, t.second_person_next),
            "app/not-settled" => (t.not_settled, t.not_settled_next),
            "app/lines-barred" => (t.lines_barred, t.lines_barred_next),
            "app/not-a-reason" => (t.not_a_reason, t.not_a_reason_next),
            "app/unknown-name" => (t.unknown_name, t.unknown_name_next),
            "app/still-to-come" => (t.still_to_come, t.still_to_come_next),
            "app/late-reason-needed" => (t.late_reason, t.late_reason_next),
            "app/reason-needed" => (t.reason_needed, t.reason_needed_next),
            "app/reference-missing" => (t.reference_missing, t.reference_missing_next),
            "app/incomplete" => (t.incomplete, t.incomplete_next),
            "app/contradiction" => (t.contradiction, t.contradiction_next),
            "app/temperature-impossible" => (t.temperature_impossible, t.temperature_impossible_next),
            "app/time-impossible" => (t.time_impossible, t.time_impossible_next),
            "app/certificate-expired" => (t.certificate, t.certificate_next),
            "app/no-readings" => (t.no_readings, t.no_readings_next),
            "app/role-may-not" => (t.role, t.role_next),
            "app/device-revoked" => (t.device_revoked, t.device_revoked_next),
            "app/log-behind" | "app/log-forked" | "app/log-restored" | "vault/restored" => {
                (t.log_barred, t.log_barred_next)
            }
            "app/join-unfinished" => (t.join_unfinished, t.join_unfinished_next),
            "app/log-provisional" => (t.log_provisional, t.log_provisional_next),
            "app/root-needed" => (t.root_needed, t.root_needed_next),
            "home/root-away" => (t.root_away, t.root_away_next),
            "app/other-logger" => (t.other_logger, t.other_logger_next),
            "app/label-taken" => (t.label_taken, t.label_taken_next),
            "file/zone-unknown" => (t.zone, t.zone_next),
            "file/bad-time"
            | "file/date-order"
            | "file/time-ambiguous"
            | "file/time-in-gap"
            | "file/zone-needed"
            | "ble/csv-bad-time" => (texts.file.time, texts.file.time_next),
            _ if code.starts_with("file/") || code.starts_with("ble/csv-") => {
                (texts.file.bad, texts.file.bad_next)
            }
            "host/demo" => (t.demo, t.demo_next),
            "home/in-use" => (t.home_in_use, t.home_in_use_next),
            "home/full" | "store/full" => (t.home_full, t.home_full_next),
            "home/preview" | "ledger/preview" | "report/preview" => (t.preview, t.preview_next),
            "home/newer-version"
            | "ledger/newer-version"
            | "report/unknown-part"
            | "report/unknown-version"
            | "store/newer-version" => (t.newer, t.newer_next),
            "home/wrong-passphrase" | "home/passphrase-needed" => (t.locked_out, t.locked_out_next),
            "home/exists" => (t.home_exists, t.home_exists_next),
            "home/io" | "home/join-begun" | "home/missing" | "home/not-empty" | "home/no-randomness"
            | "home/store-closed" | "store/busy" | "store/exists" | "store/io" | "store/missing"
            | "store/not-a-store" | "store/read-only" => (t.home_io, t.home_io_next),
            "app/record" | "home/corrupt" | "store/corrupt" => (t.record_bad, t.record_bad_next),
            _ if code.starts_with("ledger/") || code.starts_with("model/") || code.starts_with("report/") => {
                (t.record_bad, t.record_bad_next)
            }
            _ => return None,
        })
    })
}

fn person(code: &str, texts: &Texts) -> Option<(&'static str, &'static str)> {
    let t = &texts.refusal;
    Some(match code {
        "app/person-needed" => (t.person_needed, t.person_needed_next),
        "app/sign-in-needed" => (t.sign_in, t.sign_in_next),
        "app/pin-wrong" => (t.pin_wrong, t.pin_wrong_next),
        "app/pin-too-short" => (t.pin_short, t.pin_short_next),
        "app/signing-locked" => (t.signing_locked, t.signing_locked_next),
        "app/no-person-key" => (t.no_person_key, t.no_person_key_next),
        "app/device-known" => (t.device_known, t.device_known_next),
        "app/enrolment-code" => (t.enrolment_code, t.enrolment_code_next),
        "app/person-key-exists" => (t.person_key_exists, t.person_key_exists_next),
        "app/person-id-taken" => (t.person_id_taken, t.person_id_taken_next),
        "authority/person-missing" => (t.person_needed, t.person_needed_next),
        "authority/person-not-enrolled" => (t.person_not_enrolled, t.ask_admin_next),
        "authority/person-ended" => (t.person_ended, t.ask_admin_next),
        "authority/person-not-trained" => (t.person_not_trained, t.ask_admin_next),
        "authority/key-withdrawn" => (t.key_withdrawn, t.no_person_key_next),
        "authority/key-not-of-the-person" => (t.key_not_of_person, t.ask_admin_next),
        _ => return None,
    })
}

/// A scan that gave nothing; what exactly was wrong in it stands with the code in `docs/scanning.md`.
fn scan(code: &str, texts: &Texts) -> Option<(&'static str, &'static str)> {
    let t = &texts.scan;
    Some(match code {
        "gs1/no-aim-id" | "gs1/unknown-aim-id" => (t.no_barcode, t.no_barcode_next),
        "gs1/empty" | "gs1/structure" | "gs1/unknown-ai" => (t.unread, t.unread_next),
        "gs1/length" | "gs1/charset" | "gs1/format" => (t.damaged, t.damaged_next),
        "gs1/check-digit" => (t.check_digit, t.check_digit_next),
        "gs1/date" | "gs1/time" => (t.date, t.date_next),
        "gs1/repeat" => (t.repeat, t.repeat_next),
        "gs1/uri" | "gs1/dl-structure" => (t.link, t.link_next),
        "gs1/ambiguous" => (t.ambiguous, t.ambiguous_next),
        "gs1/keyboard-layout" => (t.keyboard, t.keyboard_next),
        _ => return None,
    })
}

fn radio(code: &str, texts: &Texts) -> Option<(&'static str, &'static str)> {
    let t = &texts.refusal;
    Some(match code {
        "ble/no-adapter" => (t.adapter_missing, t.adapter_missing_next),
        "ble/adapter-off" => (t.adapter_off, t.adapter_off_next),
        "ble/adapter-silent" => (t.adapter_silent, t.adapter_silent_next),
        "ble/no-service" => (t.service_missing, t.service_missing_next),
        "ble/forbidden" => (t.permission, t.permission_next),
        "ble/opening" => (t.not_started, t.not_started_next),
        "ble/radio-failed" => (t.radio_failed, t.radio_failed_next),
        _ => return None,
    })
}

fn logger(code: &str, texts: &Texts) -> Option<(&'static str, &'static str)> {
    let t = &texts.refusal;
    Some(match code {
        CLOCK_CONSENT => (t.clock_consent, t.clock_consent_next),
        "ble/not-encrypted" => (t.not_encrypted, t.not_encrypted_next),
        "ble/authentication-failed" => (t.not_authentic, t.not_authentic_next),
        "ble/key-missing" => (t.key_missing, t.key_missing_next),
        "ble/not-heard" | "ble/not-connected" => (t.not_heard, t.not_heard_next),
        "ble/no-log" => (t.no_log, t.no_log_next),
        "ble/another-logger" | "ble/same-name" => (t.another_logger, t.another_logger_next),
        "ble/not-paired" => (t.not_paired, t.not_paired_next),
        "ble/no-characteristic" | "ble/stale-services" => (t.services_old, t.services_old_next),
        "ble/no-present-value" => (t.no_present, t.no_present_next),
        "ble/logger-unauthorised" => (t.logger_locked, t.logger_locked_next),
        "ble/logger-failed" | "ble/damaged" => (t.logger_failed, t.logger_failed_next),
        "ble/logger-timed-out" | "ble/disconnected" | "ble/stalled" | "ble/unfinished" => {
            (t.logger_silent, t.logger_silent_next)
        }
        "ble/address-missing"
        | "ble/bad-field"
        | "ble/no-measurement"
        | "ble/out-of-range"
        | "ble/truncated"
        | "ble/unknown-device"
        | "ble/unknown-format"
        | "ble/unknown-log-format"
        | "ble/unknown-version"
        | "ble/wrong-length" => (t.logger_unknown, t.logger_unknown_next),
        _ => return None,
    })
}

fn peer(code: &str, texts: &Texts) -> Option<(&'static str, &'static str)> {
    let t = &texts.refusal;
    Some(match code {
        "peer/digits-differ"
        | "peer/invitation-expired"
        | "peer/invitation-malformed"
        | "peer/invitation-refused"
        | "peer/invitation-used" => (t.invitation, t.invitation_next),
        "peer/invitation-preview" => (t.preview, t.preview_next),
        "peer/invitation-version" | "sync/version" => (t.newer, t.newer_next),
        "peer/unreachable" | "peer/timeout" | "peer/connection-lost" | "peer/no-address" => {
            (t.unreachable, t.unreachable_next)
        }
        "peer/not-a-member"
        | "peer/revoked"
        | "peer/join-declined"
        | "peer/join-failed"
        | "peer/answer-forged"
        | "ledger/organisation"
        | "sync/organisation" => (t.foreign, t.foreign_next),
        "peer/busy" | "peer/shutting-down" => (t.peer_busy, t.peer_busy_next),
        "peer/label-malformed" => (t.name_bad, t.name_bad_next),
        "peer/address-malformed"
        | "peer/failed"
        | "peer/listen-failed"
        | "peer/message-malformed"
        | "peer/qr-too-long"
        | "peer/relay-malformed"
        | "sync/protocol"
        | "sync/refused"
        | "sync/too-large" => (t.peer_failed, t.peer_failed_next),
        "sync/nothing-new" | "sync/too-fast" | "sync/too-many-logs" => (t.peer_floods, t.peer_floods_next),
        _ => return None,
    })
}
