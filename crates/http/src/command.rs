//! A command as it came through the door: who sends it, and its words.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use locum_control::Caller;
use locum_domain::{Refusal, Stream};
use locum_login::SignedIn;
use serde::de::DeserializeOwned;

use crate::refused::{self, Refused};
use crate::state::Front;
use crate::{body, payload};

/// Who is asking, as the guard found out.
pub(crate) struct Asking(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = Refused;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller
            .map(Self)
            .ok_or_else(|| Refused::unauthorized("no-credential", "nobody is signed in"))
    }
}

/// Who is asking, with all that is known of their login.
pub(crate) struct Login(pub(crate) SignedIn);

impl<S: Sync> FromRequestParts<S> for Login {
    type Rejection = Refused;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let signed_in = parts.extensions.get::<SignedIn>().cloned();
        signed_in
            .map(Self)
            .ok_or_else(|| Refused::unauthorized("no-credential", "nobody is signed in"))
    }
}

/// A POST of a known principal.
pub(crate) struct Command {
    pub(crate) front: Front,
    pub(crate) caller: Caller,
    pub(crate) headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Front> for Command {
    type Rejection = Refused;
    async fn from_request(request: Request, front: &Front) -> Result<Self, Refused> {
        let (mut parts, body) = request.into_parts();
        let Asking(caller) = Asking::from_request_parts(&mut parts, front).await?;
        let body = payload::of_principal(parts.uri.path(), body).await?;
        Ok(Self {
            front: front.clone(),
            caller,
            headers: parts.headers,
            body,
        })
    }
}

impl Command {
    /// The words of the verb `act`. What cannot be read is refused on the record.
    pub(crate) async fn read<T: DeserializeOwned>(&self, act: &'static str) -> Result<T, Refused> {
        match body::parse(&self.headers, &self.body) {
            Ok(words) => Ok(words),
            Err((status, refusal)) => Err(self.refuse(act, refusal, status).await),
        }
    }

    /// The words as the use case takes them; a word that names nothing is refused on the record.
    pub(crate) async fn typed<T>(
        &self,
        act: &'static str,
        typed: Result<T, Refusal>,
    ) -> Result<T, Refused> {
        match typed {
            Ok(typed) => Ok(typed),
            Err(refusal) => {
                let status = crate::status::status_of(refusal.denial);
                Err(self.refuse(act, refusal, status).await)
            }
        }
    }

    async fn refuse(&self, act: &'static str, refusal: Refusal, status: StatusCode) -> Refused {
        let about = Stream::Principal(self.caller.principal.clone());
        refused::on_record(&self.front, &self.caller, act, &about, refusal, status).await
    }
}
