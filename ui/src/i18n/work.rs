//! The words for tasks and for the excursion record, in every language: declared here, written in a file for each.

pub(super) mod ar;
pub(super) mod en;
pub(super) mod es;
pub(super) mod fr;
pub(super) mod pt;

group! {
    /// The queue of tasks.
    TaskTexts {
        title,
        none,
        none_hint,
        critical,
        high,
        normal,
        overdue,
        due,
        no_time,
        by,
        not_by,
        device,
        source,
        manufacturer,
        lots,
        logger,
        person,
        profile,
        certificate,
        question,
        own,
        record_finding,
        resolve_conflict,
        ask_manufacturer,
        shake_test,
        review_excursion,
        follow_up,
        record_answer,
        read_loggers,
        explain_reasons,
        second_person,
        decide,
        approve_arrival,
        approve_pick_up,
        complete_record,
        confirm_custody,
        settle_profile,
        calibrate,
        train,
        end_retention,
    }
}

group! {
    /// CDC's record of an excursion.
    ExcursionTexts {
        title,
        complete,
        incomplete,
        by_readings,
        hint,
        sign,
        degrees_bad,
        recorded,
        at,
        unit_min,
        unit_max,
        room,
        reporter,
        description,
        duration,
        inventory,
        other_items,
        prior_problems,
        unsigned,
    }
}
