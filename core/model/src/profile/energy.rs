//! The activation energy of mean kinetic temperature, as an integer.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An activation energy ΔH in joules per kilomole (thousandths of J/mol); in JSON kJ/mol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct ActivationEnergy(#[n(0)] pub u32);

/// 83.14472 kJ/mol (USP <1079.2>): with R = 8.314472 J/(mol·K), ΔH/R is exactly 10,000 K.
pub const USUAL_ENERGY: ActivationEnergy = ActivationEnergy(83_144_720);

/// 10 kJ/mol: below it the rate hardly depends on temperature and the mean would lose its meaning.
pub const SMALLEST_ENERGY: ActivationEnergy = ActivationEnergy(10_000_000);

/// 400 kJ/mol: beyond the denaturation of proteins.
pub const LARGEST_ENERGY: ActivationEnergy = ActivationEnergy(400_000_000);

/// The molar gas constant in µJ/(mol·K) as CODATA 2006 had it, which USP's 83.14472 kJ/mol rests on.
const GAS_CONSTANT: f64 = 8_314_472.0;

impl ActivationEnergy {
    /// ΔH/R in kelvin; the same bits on every platform, exactly 10,000 for [`USUAL_ENERGY`].
    pub fn over_gas_constant(self) -> f64 {
        f64::from(self.0) * 1e3 / GAS_CONSTANT
    }

    /// ΔH in kJ/mol, for printing.
    pub fn kilojoules_per_mole(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

impl Default for ActivationEnergy {
    fn default() -> Self {
        USUAL_ENERGY
    }
}

impl Serialize for ActivationEnergy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.kilojoules_per_mole())
    }
}

impl<'de> Deserialize<'de> for ActivationEnergy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scaled = (f64::deserialize(deserializer)? * 1e6).round();
        if (0.0..=f64::from(u32::MAX)).contains(&scaled) {
            Ok(Self(scaled as u32))
        } else {
            Err(serde::de::Error::custom("activation energy out of range"))
        }
    }
}
