//! The screens and their addresses behind the `#`: these work in a web view, a browser and a file.

use firn_model::id::Id;

/// A screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Route {
    #[default]
    Shipments,
    NewShipment,
    Shipment(Id),
    Tasks,
    Nearby,
    Peers,
    Device,
}

impl Route {
    /// The screen of an address; an unknown one leads to the list.
    pub(crate) fn parse(hash: &str) -> Self {
        let path = hash.trim_start_matches('#').trim_matches('/');
        match path.split_once('/') {
            None if path == "tasks" => Self::Tasks,
            None if path == "nearby" => Self::Nearby,
            None if path == "peers" => Self::Peers,
            None if path == "device" => Self::Device,
            Some(("shipments", "new")) => Self::NewShipment,
            Some(("shipments", id)) => Id::parse(id).map_or(Self::Shipments, Self::Shipment),
            _ => Self::Shipments,
        }
    }

    /// Its address, for a link.
    pub(crate) fn href(self) -> String {
        match self {
            Self::Shipments => "#/shipments".into(),
            Self::NewShipment => "#/shipments/new".into(),
            Self::Shipment(id) => format!("#/shipments/{id}"),
            Self::Tasks => "#/tasks".into(),
            Self::Nearby => "#/nearby".into(),
            Self::Peers => "#/peers".into(),
            Self::Device => "#/device".into(),
        }
    }

    /// The entry of the main navigation that leads here.
    pub(crate) fn section(self) -> Self {
        match self {
            Self::NewShipment | Self::Shipment(_) => Self::Shipments,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_is_found_again_by_its_address() {
        let shipment = Route::Shipment(Id([7; 16]));
        let all = [
            Route::Shipments,
            Route::NewShipment,
            shipment,
            Route::Tasks,
            Route::Nearby,
            Route::Peers,
            Route::Device,
        ];
        for route in all {
            assert_eq!(Route::parse(&route.href()), route);
        }
    }

    #[test]
    fn an_unknown_address_leads_to_the_shipments() {
        for hash in ["", "#", "#/", "#/nowhere", "#/shipments/no-id", "#/nearby/more"] {
            assert_eq!(Route::parse(hash), Route::Shipments, "{hash}");
        }
    }
}
