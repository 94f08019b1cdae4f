//! What regulations ask of records and signatures, what existing systems get wrong, and the tests that show
//! how Firn does; in our own words, for the texts are others'.

/// One thing that is asked.
pub struct Line {
    /// The regulation and its section, or where else it comes from.
    pub place: &'static str,
    /// What it asks.
    pub asks: &'static str,
    /// The tests that show it: `file::function`.
    pub shown: &'static [&'static str],
    /// What of it is not claimed, and why; empty where all of it is shown.
    pub not_claimed: &'static str,
}

const fn shown(place: &'static str, asks: &'static str, shown: &'static [&'static str]) -> Line {
    Line { place, asks, shown, not_claimed: "" }
}

const fn partly(
    place: &'static str,
    asks: &'static str,
    shown: &'static [&'static str],
    not_claimed: &'static str,
) -> Line {
    Line { place, asks, shown, not_claimed }
}

/// Records and signatures: 21 CFR Part 11, EU Annex 11, ALCOA+, privacy and the supply chain laws.
pub const REGULATIONS: &[Line] = &[
    shown(
        "11.10(a)",
        "Whatever byte of a record is changed, verification fails and names the record.",
        &[
            "ledger/tests/flips.rs::no_changed_byte_gives_another_answer_and_a_changed_entry_is_named",
            "ledger/src/chain/tests.rs::whatever_byte_changes_the_entry_that_holds_it_is_named",
            "core/report/tests/verification.rs::any_changed_byte_of_an_evidence_file_fails",
            "tests/tests/command.rs::a_flipped_byte_is_named_or_harmless_and_never_another_answer",
        ],
    ),
    shown(
        "11.10(b)",
        "One action gives a report to read and the same record for a machine, which an independent tool verifies.",
        &[
            "core/report/tests/pdf.rs::the_report_is_an_archival_pdf_with_tags_and_three_attachments",
            "core/report/tests/pdf.rs::a_sealed_report_is_proved_down_to_its_pages",
            "tests/tests/demo.rs::what_the_demo_leaves_verifies_without_its_homes_and_a_changed_byte_does_not",
            "tests/tests/python.rs::a_second_reader_says_of_vectors_and_evidence_what_firn_says_whatever_was_changed_in_them",
        ],
    ),
    partly(
        "11.10(c)",
        "Records stay readable: a database of an earlier release opens and exports.",
        &[
            "ledger/tests/store.rs::what_is_appended_is_there_after_reopening_and_verifies",
            "ledger/tests/store.rs::a_store_of_a_later_version_is_refused_and_left_alone",
            "ledger/src/entry/tests.rs::an_entry_has_these_bytes_for_ever",
            "core/report/tests/evidence.rs::the_evidence_of_a_frozen_shipment_has_a_frozen_hash",
            "tests/tests/backup.rs::a_restored_home_holds_what_was_backed_up_and_goes_on_under_a_new_key",
            "tests/tests/backup.rs::damaged_truncated_and_foreign_backups_are_refused_and_leave_nothing",
        ],
        "Format v1 is frozen by byte vectors; there is no earlier release yet whose database could be opened, and what the preview (v0) wrote is refused as such.",
    ),
    shown(
        "11.10(d), (g)",
        "Each role may do what it should and nothing else; a courier cannot decide about stock.",
        &[
            "core/model/src/permission.rs::every_role_may_sign_the_kinds_that_it_should_and_no_other",
            "core/model/src/authority.rs::a_courier_cannot_decide_a_disposition",
            "core/model/src/shipment/tests.rs::a_couriers_disposition_is_shown_and_does_not_count",
            "tests/tests/peers.rs::a_courier_may_measure_and_hand_over_and_may_not_enrol_or_decide",
        ],
    ),
    shown(
        "11.10(e)",
        "Each creation and change says who, when and why; the old value stays readable and nothing is deleted.",
        &[
            "tests/tests/life.rs::an_arrival_signed_by_a_wrong_clock_is_corrected_with_a_second_person_and_both_assessments_stay",
            "tests/tests/stories.rs::a_pick_up_signed_by_a_phone_that_was_ahead_is_corrected_and_the_warm_minutes_before_it_count",
            "core/model/src/shipment/tests/life.rs::a_moved_arrival_counts_once_another_approves_it",
            "tests/tests/changes.rs::whoever_changes_or_ends_a_person_says_why_and_what_the_person_was_stays_readable",
            "tests/tests/changes.rs::whoever_changes_a_rule_in_force_says_why_and_the_rule_before_stays_readable",
            "tests/tests/changes.rs::whoever_publishes_a_next_version_says_why_and_each_version_tells_who_when_and_why",
            "tests/tests/changes.rs::whoever_changes_what_is_added_to_a_loggers_temperatures_says_why_and_the_offset_before_stays_readable",
            "ledger/src/chain/tests.rs::an_entry_removed_or_moved_is_noticed_where_it_should_be",
        ],
    ),
    shown(
        "11.10(f)",
        "Steps have an order: no hand-over before the pick-up, no release before every logger is read and every \
         excursion looked into.",
        &[
            "core/model/src/shipment/tests/life.rs::nobody_hands_over_before_the_pick_up_nor_after_the_receipt",
            "core/model/src/shipment/tests/life.rs::no_stock_is_released_before_every_placed_logger_was_read_whatever_was_explained",
            "core/model/src/shipment/tests/life.rs::after_an_excursion_it_takes_a_review_and_somebody_who_had_no_part_in_it",
            "tests/tests/decisions.rs::nobody_explains_a_reason_that_is_not_there_and_later_readings_ask_for_a_new_explanation",
            "tests/tests/decisions.rs::a_review_of_what_was_in_range_counts_for_no_excursion_that_comes_to_light_later",
            "tests/tests/decisions.rs::lines_that_a_release_in_part_leaves_out_say_do_not_use_everywhere_until_somebody_decides_about_them",
            "tests/tests/decisions.rs::of_a_release_and_a_rejection_that_did_not_know_of_each_other_neither_is_a_release",
            "core/model/src/shipment/tests/life.rs::no_order_of_statements_reaches_an_impossible_state_and_no_order_of_arrival_another",
            "core/model/src/shipment/tests/concurrent.rs::whatever_two_homes_do_unknown_to_each_other_no_clock_decides_and_the_stricter_stands",
            "core/model/src/shipment/tests/concurrent.rs::who_received_in_an_entry_that_does_not_count_is_no_second_person",
            "core/model/src/shipment/tests/answers.rs::a_manufacturers_discard_after_a_release_holds_the_lines_of_those_lots_and_no_other",
            "tests/tests/decisions.rs::an_excursion_that_the_courier_has_holds_what_was_released_without_it_at_once_and_on_the_couriers_device",
        ],
    ),
    shown(
        "11.10(h)",
        "A logger or device that is unknown, revoked or has another serial number is rejected.",
        &[
            "core/report/tests/verification.rs::an_unenrolled_logger_is_found",
            "core/report/tests/verification.rs::an_entry_by_a_device_that_nobody_enrolled_is_found",
            "ledger/tests/sync.rs::a_log_whose_device_is_not_enrolled_is_refused_and_the_others_are_taken",
            "ble/src/virtual_logger/tests.rs::a_logger_that_tells_another_serial_number_than_the_one_meant_is_not_read",
            "tests/tests/files.rs::a_file_that_names_another_serial_number_than_its_loggers_is_refused_and_unnamed_goes_to_its_own_logger",
            "tests/tests/every_dialog.rs::who_repeats_a_loggers_adverts_is_never_read_in_its_place",
            "tests/tests/revocation.rs::what_a_stolen_phone_signs_later_is_disputed_and_what_was_seen_before_the_loss_counts",
        ],
    ),
    shown(
        "11.10(i)",
        "Nobody signs without a recorded training.",
        &["core/model/src/people/tests.rs::nobody_signs_before_their_training_nor_without_one"],
    ),
    shown(
        "11.10(j)",
        "A person accepts to be accountable for the signature before the first one.",
        &[
            "tests/tests/people.rs::the_accountability_text_is_printed_before_a_key_is_made_and_without_acceptance_there_is_none",
            "core/model/src/people/tests.rs::the_accountability_text_and_its_hash_are_frozen",
        ],
    ),
    shown(
        "11.10(k)",
        "The documents belong to their release and say what the program does.",
        &[
            "core/model/src/permission.rs::the_page_of_permissions_holds_the_table_that_decides",
            "ble/tests/families.rs::the_page_of_loggers_lists_every_family_as_the_registry_has_it",
            "core/model/tests/gs1.rs::the_documentation_names_every_refusal",
            "tests/tests/traceability.rs::the_page_of_traceability_holds_the_matrix_that_is_checked",
        ],
    ),
    shown(
        "11.50",
        "With each signature stand the signer's name, the time with its offset and what the signature means.",
        &[
            "tests/tests/people.rs::four_people_in_two_homes_sign_what_their_roles_allow_and_the_evidence_shows_who_and_what_it_means",
            "core/model/src/meaning.rs::the_meaning_of_a_decision_is_the_decision_that_was_signed",
            "core/model/src/meaning.rs::no_two_meanings_are_worded_or_stored_alike",
            "core/model/src/people/tests.rs::a_signer_is_named_with_the_role_of_then",
            "core/report/src/print/text.rs::a_time_is_local_and_names_its_offset",
            "core/report/tests/people.rs::the_report_shows_name_title_time_with_offset_and_meaning_of_each_signature",
            "core/report/tests/csv.rs::after_the_readings_stand_the_rule_and_every_entry_with_printed_name_title_time_and_meaning",
        ],
    ),
    shown(
        "11.70",
        "A signature that is moved to another record fails.",
        &[
            "core/report/tests/people.rs::a_persons_signature_on_another_record_fails_and_names_the_record",
            "ledger/src/entry/tests.rs::a_persons_signature_fits_no_other_entry",
            "core/report/tests/verification.rs::a_changed_signature_is_found",
        ],
    ),
    shown(
        "11.100",
        "A person's id is never given to anybody else, and who has left signs no more.",
        &[
            "core/model/src/people/tests.rs::who_has_ended_no_longer_signs_stays_ended_and_what_was_signed_before_stands",
        ],
    ),
    shown(
        "11.200",
        "The first signature of a session takes an id and a secret, later ones the secret; after a lock or a while \
         without a signature both again.",
        &[
            "core/app/src/session.rs::nobody_is_signed_in_before_id_and_pin_were_given",
            "core/app/src/session.rs::a_quarter_of_an_hour_without_a_signature_ends_the_session_and_each_signature_begins_it_anew",
            "core/app/src/session.rs::a_lock_another_role_another_person_an_end_and_a_restart_ask_for_both_again",
        ],
    ),
    partly(
        "11.300",
        "Id and secret are unique, can be replaced when lost, and failed attempts are limited and reported.",
        &[
            "tests/tests/people.rs::five_wrong_pins_in_a_row_lock_the_person_also_after_a_restart_and_are_signed_into_the_log",
            "core/app/src/signing.rs::the_fifth_failure_in_a_row_locks_for_a_quarter_of_an_hour_and_so_does_the_tenth",
            "core/model/src/people/tests.rs::a_new_key_takes_the_place_of_the_old_one_from_its_own_entry_on",
            "core/model/src/people/tests.rs::a_withdrawn_key_no_longer_counts_what_it_signed_before_stands_and_a_new_one_takes_its_place",
            "core/model/src/people/tests.rs::another_key_a_key_bound_elsewhere_or_later_and_a_missing_signature_do_not_count",
        ],
        "A PIN does not age by itself: it opens a key on one device alone, and five failures lock it.",
    ),
    shown(
        "Annex 11 (draft 2025)",
        "Signing takes two factors, times know their zone, the trail cannot be changed and gives reasons, and alarms \
         are followed up.",
        &[
            "core/host/src/sealed.rs::a_persons_key_opens_with_both_the_pin_and_this_devices_key_store",
            "core/report/src/print/text.rs::a_time_is_local_and_names_its_offset",
            "ledger/src/chain/tests.rs::an_entry_written_anew_with_the_key_breaks_the_next_ones_link",
            "tests/tests/life.rs::an_alarm_is_looked_into_and_released_by_somebody_who_neither_carried_nor_received",
        ],
    ),
    shown(
        "ALCOA+",
        "The logger's own bytes are kept; its time, the phone's time and the offset stand apart; what came late says so.",
        &[
            "core/app/src/seal.rs::each_quantity_is_a_batch_of_its_own_and_raw_bytes_stand_once",
            "core/model/src/record/tests.rs::a_batch_comes_back_whole",
            "ble/tests/downloads.rs::a_pvvx_clock_that_is_wrong_is_corrected_by_its_offset_and_its_own_time_is_kept",
            "core/host/tests/recording.rs::what_a_crash_left_in_the_journal_is_sealed_first_and_marked_late",
            "core/model/src/shipment/tests/late.rs::what_is_recorded_late_says_why_and_is_flagged",
            "tests/tests/late.rs::a_first_arrival_in_the_past_erases_no_excursion_until_a_second_person_approves_it",
        ],
    ),
    partly(
        "GDPR; EDPB 02/2025",
        "There is no place for a patient; what a body says is only committed to in the chain, by a salted hash, and can \
         be left out of it.",
        &[
            "tests/tests/traceability.rs::no_record_and_no_screen_has_a_place_for_a_patient",
            "ledger/src/entry/tests.rs::another_body_or_salt_is_not_the_one_that_was_signed",
            "core/host/src/vault/tests.rs::neither_key_nor_wrapped_key_nor_document_of_an_erased_subject_is_in_any_file_of_the_home",
            "tests/tests/backup.rs::what_was_erased_after_a_backup_does_not_come_back_with_it",
        ],
        "Positions are in the vault and can be erased without breaking a proof. Names of people still stand in the \
         bodies of entries, which the chain commits to and does not hold.",
    ),
    shown(
        "DSCSA; EU FMD",
        "A pack's number, serial, lot and expiry are scanned, and nothing claims a check against a national system.",
        &[
            "tests/tests/scanning.rs::a_shipment_of_scanned_goods_is_found_by_its_gsin_and_by_the_sscc_of_a_package",
            "core/model/tests/gs1.rs::every_fixture_is_read_or_refused_as_it_says",
            "tests/tests/traceability.rs::no_text_claims_a_check_against_a_national_system",
        ],
    ),
];

/// What existing systems were seen to get wrong.
pub const MISTAKES: &[Line] = &[
    shown(
        "Limits",
        "Exactly 8.0 or 2.0 °C is treated as a breach.",
        &[
            "core/model/src/assess/tests.rs::exactly_eight_degrees_and_exactly_two_are_in_range",
            "ui/src/wording/tests.rs::exactly_the_limit_is_in_range",
        ],
    ),
    shown(
        "Gaps",
        "The gap between two hot readings is counted as hot time.",
        &[
            "core/model/src/assess/tests.rs::a_gap_between_two_hot_readings_is_not_hot_time",
            "core/model/src/assess/tests.rs::a_gap_restarts_a_single_alarm_and_its_time_never_adds_up",
            "core/model/src/shipment/line/tests.rs::time_in_which_no_logger_counts_for_a_line_is_a_gap_and_budgets_at_their_worst",
        ],
    ),
    shown(
        "Clocks",
        "Times are counted back from the phone's clock without a mark.",
        &[
            "ble/tests/recorded_download.rs::a_real_download_gives_its_1023_samples_each_with_all_three_values",
            "ble/src/dialog/pvvx.rs::records_older_than_a_loss_of_power_keep_the_loggers_own_time",
            "ble/tests/downloads.rs::a_clock_that_was_set_is_told",
        ],
    ),
    shown(
        "Daylight saving",
        "Readings in the hour that the clocks skipped are dropped.",
        &[
            "ble/src/file/zone.rs::a_local_time_that_the_clocks_skipped_is_refused_by_its_line",
            "ble/src/file/zone.rs::a_local_time_that_came_twice_asks_for_the_offset",
            "ble/src/file/berlinger/tests.rs::a_sample_in_an_hour_that_the_clocks_skipped_names_its_line",
        ],
    ),
    shown(
        "Breaches",
        "A client may rewrite the begin, the end or the thresholds of a breach.",
        &[
            "core/report/tests/verification.rs::a_verdict_signed_against_its_readings_is_found",
            "core/model/src/shipment/tests/life.rs::limits_that_are_changed_after_the_fact_change_no_verdict_on_what_was_shipped_before",
        ],
    ),
    shown(
        "Acknowledgements",
        "One has no comment, no user and no time, or overwrites the one before.",
        &[
            "core/model/src/shipment/tests/life.rs::an_explanation_says_something_names_its_signer_and_time_and_overwrites_none_before",
        ],
    ),
    shown(
        "Breaches",
        "A breach never ends because the sensor was lost.",
        &[
            "core/model/src/assess/tests.rs::a_lost_sensor_leaves_the_excursion_open_until_its_last_sample_alone",
        ],
    ),
    shown(
        "Breaches",
        "A breach is split at midnight.",
        &["core/model/src/assess/tests.rs::an_excursion_is_not_split_at_midnight"],
    ),
    shown(
        "Breaches",
        "A breach has no lowest and highest value.",
        &[
            "core/model/src/assess/tests.rs::every_excursion_tells_its_extreme_and_both_sides_count_degree_minutes_upwards",
        ],
    ),
    shown(
        "Limits",
        "Limits are changed after the fact.",
        &[
            "core/model/src/shipment/tests/life.rs::limits_that_are_changed_after_the_fact_change_no_verdict_on_what_was_shipped_before",
            "core/model/src/record/tests.rs::a_shipment_carries_its_profile_and_comes_back_whole",
            "core/model/src/profile/tests.rs::the_bytes_of_a_profile_in_a_signed_record_never_change",
        ],
    ),
    shown(
        "Watching",
        "Alerts are missed in the background, and nothing says so.",
        &[
            "core/host/tests/sealing.rs::a_window_that_cannot_record_says_that_it_is_not_watching_until_it_can_again",
            "tests/tests/window.rs::the_window_says_that_it_does_not_watch_where_there_is_no_bluetooth_and_turns_about_for_arabic",
            "ui/src/age.rs::a_value_is_stale_from_the_very_instant_on",
        ],
    ),
    shown(
        "Accounts",
        "Signing in, or losing an account, loses what was recorded here.",
        &[
            "core/app/src/session.rs::a_lock_another_role_another_person_an_end_and_a_restart_ask_for_both_again",
            "tests/tests/command.rs::a_home_in_use_of_a_newer_version_or_under_another_passphrase_is_left_alone",
            "core/host/tests/desktop.rs::a_first_shipment_founds_the_home_and_is_there_when_the_window_opens_again",
        ],
    ),
    shown(
        "Export",
        "An export is empty, or holds only the span that the screen shows.",
        &[
            "core/report/tests/csv.rs::screen_csv_and_report_show_the_same_numbers",
            "core/model/src/shipment/tests.rs::readings_before_the_pick_up_stay_visible_and_do_not_count",
            "core/report/src/print/chart.rs::what_lies_outside_the_counted_span_is_shown_and_marked",
            "core/report/tests/pdf.rs::a_shipment_that_is_not_known_has_no_report",
        ],
    ),
    shown(
        "Alarms",
        "People are told so often that they no longer look.",
        &[
            "core/model/src/assess/tests.rs::an_alarm_fires_at_the_first_hot_reading_that_has_used_the_allowance",
            "core/host/tests/live.rs::an_alarm_is_sealed_at_the_reading_that_fires_it_and_only_once",
            "core/host/tests/sealing.rs::a_value_that_changed_side_of_a_limit_is_sealed_after_a_minute",
            "core/app/src/service/feed.rs::a_chatty_transmitter_is_told_once_with_its_newest_advert_and_keeps_no_other_waiting",
        ],
    ),
    shown(
        "Alarms",
        "A low battery raises a false alarm.",
        &[
            "core/host/tests/live.rs::a_battery_that_runs_low_changes_no_verdict_and_fires_no_alarm",
            "ble/tests/adverts.rs::what_a_ruuvitag_marks_as_not_available_is_absent_and_never_a_number",
        ],
    ),
    shown(
        "Downloads",
        "A download is resumed from the last attempt, not from the last sample that was stored.",
        &[
            "ble/tests/downloads.rs::a_download_from_the_last_stored_reading_leaves_out_nothing_newer",
            "ble/src/virtual_logger/tests.rs::a_download_since_the_last_stored_reading_gives_only_what_is_new",
            "core/host/tests/downloads.rs::a_logger_that_counts_minutes_back_is_resumed_at_any_phase_without_a_sample_twice",
        ],
    ),
];
