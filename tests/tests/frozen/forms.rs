//! Every form that is signed or stored, with its rules in docs/firn.cddl and the tests that hold its vectors.

/// A form.
pub struct Form {
    /// What people call it.
    pub name: &'static str,
    /// Its kinds, where it is an entry's body.
    pub kinds: &'static [u16],
    /// Its rules in docs/firn.cddl.
    pub rules: &'static [&'static str],
    /// The tests that hold its vectors, as `file::test`.
    pub vectors: &'static [&'static str],
}

const fn body(
    name: &'static str,
    kinds: &'static [u16],
    rules: &'static [&'static str],
    vectors: &'static [&'static str],
) -> Form {
    Form { name, kinds, rules, vectors }
}

const fn form(name: &'static str, rules: &'static [&'static str], vectors: &'static [&'static str]) -> Form {
    Form { name, kinds: &[], rules, vectors }
}

const STATEMENTS: &str = "ledger/src/statement/tests.rs::the_ledgers_own_bodies_have_these_bytes_for_ever";
const ROOTS_WORDS: &str =
    "ledger/src/statement/tests.rs::revocations_partners_and_the_roots_words_have_these_bytes_for_ever";
const STEPS: &str = "core/model/src/record/tests.rs::the_bytes_of_a_shipments_steps_are_frozen";
const GOODS: &str =
    "core/model/src/record/tests.rs::the_bytes_of_a_certified_logger_and_of_packed_goods_are_frozen";
const SHIPMENT: &str = "core/model/src/record/tests.rs::a_shipment_carries_its_profile_and_comes_back_whole";
const HAND_OVER: &str = "core/model/src/record/tests.rs::the_bytes_of_a_hand_over_are_frozen";
const STOCK: &str = "core/model/src/record/tests.rs::the_bytes_about_stock_are_frozen";
const SEEN_BY_PEOPLE: &str = "core/model/src/record/tests.rs::the_bytes_of_what_people_see_are_frozen";
const PEOPLE: &str = "core/model/src/record/tests.rs::the_bytes_about_people_are_frozen";
const DOWNLOADS: &str = "core/model/src/record/tests.rs::the_bytes_of_what_a_download_did_or_kept_are_frozen";
const VERDICT: &str = "core/model/src/record/tests.rs::the_bytes_of_a_signed_verdict_are_frozen";
const JUDGED_LINE: &str = "core/model/src/record/tests.rs::the_bytes_of_a_judged_line_are_frozen";
const BARRED_LINE: &str =
    "core/model/src/record/tests.rs::the_bytes_of_a_judged_line_with_a_leg_that_bars_are_frozen";
const WANTING_LEG: &str = "core/model/src/record/tests/legs.rs::the_bytes_of_a_judged_line_of_whose_legs_something_is_wanting_are_frozen";
const AGAINST_LEG: &str =
    "core/model/src/record/tests.rs::the_bytes_of_what_stands_against_a_leg_that_bars_are_frozen";
const CONDITIONS: &str = "core/model/src/conditions/tests.rs::the_bytes_of_a_condition_assessment_are_frozen";
const CONDITIONS_OF_LINES: &str =
    "core/model/src/conditions/tests.rs::the_bytes_of_conditions_of_some_lines_alone_are_frozen";
const READINGS: &str =
    "core/model/src/record/tests.rs::the_bytes_of_readings_and_of_the_end_of_a_logger_are_frozen";
const MESSAGES: &str = "ledger/src/sync/message.rs::the_messages_have_these_bytes";
const CARRIED: &str =
    "core/peer/src/carry/tests.rs::the_beginning_of_a_file_its_key_and_its_writer_have_these_bytes_for_ever";
const JOIN: &str = "core/peer/src/join/tests.rs::the_messages_have_these_bytes_and_no_others";
const VAULT: &str = "core/model/src/vault.rs::the_bytes_of_a_position_and_its_commitment_are_frozen";
const VAULTS_ROWS: &str =
    "core/host/src/vault/tests.rs::what_a_vault_holds_of_a_document_and_of_its_key_opens_for_ever";

/// All of them.
pub const FORMS: &[Form] = &[
    form(
        "entry",
        &["entry", "protected-header", "payload"],
        &["ledger/src/entry/tests.rs::an_entry_has_these_bytes_for_ever"],
    ),
    body("genesis and enrolment", &[1, 2], &["genesis", "enrolment"], &[STATEMENTS]),
    body(
        "continuation",
        &[1],
        &["continuation"],
        &[
            "ledger/src/statement/tests.rs::a_continuations_bytes_are_frozen_and_its_signature_fits_no_other_log_head_or_key",
        ],
    ),
    body(
        "revocation, partner, root statement, upheld",
        &[3, 7, 8, 9],
        &["revocation", "partner", "root-statement", "upheld"],
        &[ROOTS_WORDS],
    ),
    body("index entry", &[4], &["index"], &["ledger/src/index.rs::an_index_entry_has_these_bytes_for_ever"]),
    form(
        "index proof",
        &["index-proof"],
        &["ledger/src/index.rs::what_an_index_shows_has_these_bytes_for_ever"],
    ),
    body("fork", &[5], &["fork"], &["ledger/src/fork/tests.rs::a_proof_of_a_fork_has_these_bytes_for_ever"]),
    body(
        "erasure",
        &[6],
        &["erasure"],
        &["ledger/src/statement/tests.rs::an_erasures_bytes_are_frozen_and_read_back"],
    ),
    form("partner card", &["partner-card"], &[ROOTS_WORDS]),
    form(
        "checkpoint and cosignature",
        &["checkpoint", "cosignature"],
        &["ledger/src/checkpoint/tests.rs::a_cosigned_checkpoint_has_these_bytes_and_this_note_for_ever"],
    ),
    form(
        "words of witnesses",
        &["seen"],
        &["ledger/src/seen/tests.rs::what_is_known_of_witnesses_has_these_bytes_for_ever"],
    ),
    form("history", &["history"], &["ledger/src/disclosure/tests.rs::a_history_has_these_bytes_for_ever"]),
    form(
        "messages of a sync",
        &[
            "hello",
            "entries",
            "batch-message",
            "refused",
            "end",
            "abort",
            "frontier-message",
            "seen-message",
            "fork-message",
            "same",
        ],
        &[MESSAGES],
    ),
    body(
        "logger, pick-up and goods",
        &[16, 20, 21],
        &["logger", "shipment", "started"],
        &[
            "core/model/src/record/tests.rs::a_loggers_bytes_are_frozen_and_absent_fields_are_left_out",
            GOODS,
            SHIPMENT,
            STEPS,
        ],
    ),
    body(
        "profile",
        &[17],
        &["profile"],
        &[
            "core/model/src/record/tests.rs::an_own_profiles_bytes_are_frozen_and_are_those_that_a_shipment_carries",
        ],
    ),
    body("readings and the end of a logger", &[22, 32], &["readings", "logger-ended"], &[READINGS]),
    body(
        "assessment",
        &[23],
        &["assessment", "conditions"],
        &[VERDICT, JUDGED_LINE, BARRED_LINE, AGAINST_LEG, WANTING_LEG, CONDITIONS, CONDITIONS_OF_LINES],
    ),
    body("hand-over", &[24, 25, 26], &["offered", "accepted", "confirmed"], &[HAND_OVER]),
    body(
        "receipt and closing",
        &[27, 31],
        &["received", "closed"],
        &[STEPS, "core/model/src/record/tests.rs::the_bytes_of_a_receipt_with_its_checklist_are_frozen"],
    ),
    body(
        "what is decided about stock",
        &[28, 29, 30, 38, 39, 40, 41, 42, 43, 47, 48],
        &["review", "disposition", "finding", "clock-compared"],
        &[STOCK],
    ),
    body("what people see", &[33, 44], &["observation"], &[SEEN_BY_PEOPLE]),
    body("download and raw session", &[34], &["download", "session-part"], &[DOWNLOADS]),
    form(
        "reason for a change",
        &["change-reason"],
        &[
            "core/model/src/record/change.rs::the_bytes_of_a_reason_for_a_change_are_frozen_and_the_rest_of_the_body_stays_as_it_was",
        ],
    ),
    body("people", &[35, 36, 37], &["person", "person-key", "signing-failed"], &[PEOPLE]),
    body(
        "position of a step",
        &[45],
        &["position"],
        &["core/model/src/record/tests.rs::the_bytes_of_a_steps_position_are_frozen_and_tell_no_place"],
    ),
    body(
        "evidence taken in",
        &[46],
        &["taken"],
        &["core/model/src/record/tests.rs::the_bytes_of_evidence_taken_from_another_organisation_are_frozen"],
    ),
    form(
        "part of evidence",
        &["evidence-part"],
        &["core/model/src/record/tests.rs::the_bytes_of_a_part_of_evidence_are_frozen"],
    ),
    form("batch", &["batch"], &["core/model/src/record/tests.rs::a_batchs_bytes_and_address_are_frozen"]),
    form("document of the vault", &["position-document", "commitment"], &[VAULT]),
    form(
        "rows of the vault",
        &["wrapped-subject-key", "sealed-document"],
        &[VAULTS_ROWS, "core/host/src/vault/tests.rs::the_key_of_the_vault_is_frozen"],
    ),
    form(
        "evidence",
        &["evidence"],
        &[
            "core/report/tests/evidence.rs::the_evidence_of_a_frozen_shipment_has_a_frozen_hash",
            "core/report/tests/people.rs::a_file_that_tells_of_people_has_had_these_bytes_since_it_was_written",
            "core/report/tests/legs.rs::a_file_with_earlier_legs_has_had_these_bytes_since_it_was_written",
            "core/report/tests/disclosure.rs::a_file_with_histories_has_had_these_bytes_since_it_was_written",
        ],
    ),
    form(
        "seal of a report",
        &["seal"],
        &["core/report/src/pdf/seal.rs::a_seal_of_frozen_input_has_frozen_bytes"],
    ),
    form(
        "invitation",
        &["invitation"],
        &["core/peer/src/invitation/tests.rs::an_invitation_has_these_bytes_and_no_others"],
    ),
    form(
        "messages of a join",
        &["join-request", "join-admitted", "join-refused", "join-comparison"],
        &[JOIN],
    ),
    form(
        "admission",
        &["admission-answer"],
        &["core/app/src/joining.rs::an_admissions_bytes_are_frozen_and_bind_the_organisations_root_key"],
    ),
    form(
        "a person's enrolment code",
        &[],
        &["core/app/src/enrolment_code.rs::a_code_has_this_form_and_this_key_for_ever"],
    ),
    form("carried file", &["carried-writer"], &[CARRIED]),
    form(
        "recovery share",
        &["recovery-share"],
        &["core/host/src/recovery/tests.rs::a_share_on_paper_has_this_form_for_ever"],
    ),
    form(
        "backup",
        &["backup-header", "backup-chunk"],
        &["core/host/src/backup/stream.rs::a_backup_of_format_v1_opens_for_ever"],
    ),
    form(
        "key file",
        &[],
        &[
            "core/host/src/sealed.rs::key_files_of_layout_1_open_for_ever",
            "core/host/src/sealed.rs::what_wraps_a_persons_key_is_frozen",
        ],
    ),
    form("high-water mark", &[], &["core/host/src/high_water.rs::the_code_of_a_mark_is_frozen"]),
    form("a home's layout file", &[], &["core/host/src/home.rs::the_layout_file_of_a_home_is_frozen"]),
];
