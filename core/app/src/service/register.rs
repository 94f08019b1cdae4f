//! The register of people at the front end: an admin enrols them, records their training, gives them codes.

use super::{Service, Site};
use crate::{Acting, AppError, Change, NewPerson};
use firn_model::api::{Request, Response, Secret};

impl<S: Site> Service<S> {
    /// Enrols a person; the answer holds the code by which they make their keys, which is told this once.
    pub(super) async fn enrol_person(
        &self,
        new: NewPerson,
        by: Option<Acting>,
    ) -> Result<Response, AppError> {
        let app = self.opened(by, "organisation of", &new.name)?;
        let (person, code) = app.enrol_person(new).await?;
        self.tell_people(&app).await?;
        Ok(Response::EnrolmentCode { person: person.id, code: Secret::new(code.text()) })
    }

    /// Records a person's training, or gives them a new code.
    pub(super) async fn change_person(
        &self,
        request: Request,
        by: Option<Acting>,
    ) -> Result<Response, AppError> {
        match request {
            Request::RecordTraining { person, trained } => {
                let app = self.opened(by, "person", &person)?;
                let person = app.person(&person).await?;
                app.change_person(person.id, Change::Trained(trained), None).await?;
                self.tell_people(&app).await?;
                Ok(Response::Done)
            }
            Request::NewEnrolmentCode { person } => {
                let app = self.opened(by, "person", &person)?;
                let person = app.person(&person).await?;
                let code = app.new_code(person.id).await?;
                self.tell_people(&app).await?;
                Ok(Response::EnrolmentCode { person: person.id, code: Secret::new(code.text()) })
            }
            _ => Err(AppError::OutOfOrder("this changes nobody in the register")),
        }
    }
}
