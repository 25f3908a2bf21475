//! Other people's witnesses, over HTTP (C2SP tlog-witness, "add-checkpoint").

use async_trait::async_trait;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use locum_control::ports::{WitnessAnswer, WitnessSilent, Witnesses};
use url::Url;

use crate::web::{NoAnswer, Proof, WebClient};

/// Asks witnesses with this client. Give it short limits: what is published waits for the answers.
#[derive(Debug, Clone)]
pub struct HttpWitnesses {
    web: WebClient,
}

impl HttpWitnesses {
    /// Witnesses that are asked with this client.
    pub fn new(web: WebClient) -> Self {
        Self { web }
    }
}

#[async_trait]
impl Witnesses for HttpWitnesses {
    async fn add_checkpoint(
        &self,
        prefix: &str,
        submission: String,
    ) -> Result<WitnessAnswer, WitnessSilent> {
        let silent = |why: &str| WitnessSilent(why.to_owned());
        let address = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
        let address = Url::parse(&address).map_err(|_| silent("its address is none"))?;
        let mut headers = HeaderMap::new();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(CONTENT_TYPE, plain);
        // What is sent is public and what comes back is signed: nobody on the way can do more than keep it.
        let nobody = Proof::default();
        let sent = self
            .web
            .send(Method::POST, address, headers, &nobody, Some(submission));
        let answer = sent.await.map_err(no_answer)?;
        let status = answer.status();
        let body = self.web.body(answer).await.map_err(no_answer)?;
        let body = String::from_utf8(body).map_err(|_| silent("its answer is not text"))?;
        match status {
            StatusCode::OK => Ok(WitnessAnswer::Lines(body)),
            StatusCode::CONFLICT => match body.trim_end().parse() {
                Ok(size) => Ok(WitnessAnswer::OtherSize(size)),
                Err(_) => Err(silent("it answered 409 without a size")),
            },
            StatusCode::UNPROCESSABLE_ENTITY => Ok(WitnessAnswer::NotContinued),
            StatusCode::NOT_FOUND => Err(silent("it does not know this ledger (404)")),
            StatusCode::FORBIDDEN => Err(silent("it does not know this ledger's key (403)")),
            status => Err(WitnessSilent(format!("it answered {}", status.as_u16()))),
        }
    }
}

fn no_answer(no_answer: NoAnswer) -> WitnessSilent {
    match no_answer {
        NoAnswer::NotThere => WitnessSilent("it answers that there is no such thing".to_owned()),
        NoAnswer::Because(cause) => WitnessSilent(cause),
    }
}
