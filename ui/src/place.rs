//! Where a step is signed, for who has turned that on: the web view is asked, and a step waits for no place.

use firn_model::api::Request;
use firn_model::record::Position;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// How long a place is waited for, in milliseconds: a signature must not hang on a satellite.
const PATIENCE_MS: u32 = 10_000;

/// How old a place may be, in milliseconds, to be that of the step.
const FRESH_MS: u32 = 60_000;

/// A step of a shipment's life with where it is signed; unchanged where no place can be had.
pub(crate) async fn located(request: Request) -> Result<Request, Request> {
    let Some(position) = position().await else { return Err(request) };
    let at = |step: Request| Request::At { position, step: Box::new(step) };
    Ok(match request {
        Request::Sign { person, pin, request } => {
            Request::Sign { person, pin, request: Box::new(at(*request)) }
        }
        step => at(step),
    })
}

/// Whether a place belongs to what is asked: to the steps of a shipment's life, signed by a person or not.
pub(crate) fn belongs(request: &Request) -> bool {
    match request {
        Request::Sign { request, .. } => belongs(request),
        other => other.is_step(),
    }
}

/// This device's place, as the web view tells it.
async fn position() -> Option<Position> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let service = Reflect::get(&navigator, &"geolocation".into()).ok().filter(JsValue::is_object)?;
    let ask: Function = Reflect::get(&service, &"getCurrentPosition".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    for (name, value) in [("timeout", PATIENCE_MS), ("maximumAge", FRESH_MS)] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    Reflect::set(&options, &"enableHighAccuracy".into(), &JsValue::TRUE).ok()?;
    let asked = Promise::new(&mut |found: Function, failed: Function| {
        let arguments = Array::of3(&found, &failed, &options);
        if let Err(error) = ask.apply(&service, &arguments)
            && let Err(error) = failed.call1(&JsValue::UNDEFINED, &error)
        {
            web_sys::console::error_1(&error);
        }
    });
    // The time that a question to the person takes is not counted by the web view.
    let late = Promise::new(&mut |_: Function, failed: Function| {
        let milliseconds = i32::try_from(PATIENCE_MS).unwrap_or(i32::MAX);
        let set = leptos::prelude::window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&failed, milliseconds);
        if let Err(error) = set {
            web_sys::console::error_1(&error);
        }
    });
    let found = JsFuture::from(Promise::race(&Array::of2(&asked, &late))).await.ok()?;
    let coordinates = Reflect::get(&found, &"coords".into()).ok()?;
    let number = |name: &str| Reflect::get(&coordinates, &name.into()).ok()?.as_f64();
    from_degrees(number("latitude")?, number("longitude")?, number("accuracy")?)
}

/// A place in whole millionths of a degree and whole metres, never more precise than it is.
fn from_degrees(latitude: f64, longitude: f64, accuracy: f64) -> Option<Position> {
    if ![latitude, longitude, accuracy].iter().all(|number| number.is_finite()) || accuracy < 0.0 {
        return None;
    }
    let millionths = |degrees: f64| (degrees * 1e6).round() as i32;
    Position::new(millionths(latitude), millionths(longitude), accuracy.ceil() as u32).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::api::Secret;
    use firn_model::id::Id;

    #[test]
    fn a_place_belongs_to_steps_signed_or_not_and_to_nothing_else() {
        let step = Request::HandOver { shipment: Id([1; 16]), step: None };
        let signed = Request::Sign { person: None, pin: Secret::new("pin"), request: Box::new(step.clone()) };
        assert!(belongs(&step) && belongs(&signed));
        let lock = Request::Sign { person: None, pin: Secret::new("pin"), request: Box::new(Request::Lock) };
        assert!(!belongs(&Request::Tasks) && !belongs(&lock));
    }

    #[test]
    fn a_place_is_rounded_to_millionths_and_its_radius_never_shrinks() {
        let place = from_degrees(60.392_050_4, -5.322_050_6, 11.2).unwrap();
        assert_eq!(
            (place.latitude_udeg(), place.longitude_udeg(), place.accuracy_m()),
            (60_392_050, -5_322_051, 12)
        );
        assert_eq!(from_degrees(91.0, 0.0, 1.0), None);
        assert_eq!(from_degrees(f64::NAN, 0.0, 1.0), None);
        assert_eq!(from_degrees(1.0, 1.0, -1.0), None);
    }
}
