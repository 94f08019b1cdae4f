//! One module a group of commands.

pub mod assess;
pub mod calibration;
pub mod decode;
pub mod demo;
pub mod device;
pub mod doctor;
pub mod evidence;
pub mod excursion;
pub mod gs1;
pub mod home;
pub mod import;
pub mod ingest;
pub mod listen;
pub mod log;
pub mod observe;
pub mod own_log;
pub mod peers;
pub mod person;
pub mod policy;
pub mod profile;
pub mod radio;
pub mod replay;
pub mod root;
pub mod shipment;
pub mod tasks;
pub mod vault;
