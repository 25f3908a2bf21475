//! `GET /accounts/{subject}`: what billing itself knows of somebody, for Locum to ask before it
//! lets anybody act as them. For this machine only, and with no assertion: there is no session yet.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Path};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::apps::customers;

#[derive(Serialize)]
struct Account {
    login: &'static str,
    organisation: &'static str,
    role: &'static str,
}

pub(crate) fn router() -> Router {
    Router::new().route("/accounts/{subject}", get(account))
}

async fn account(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(subject): Path<String>,
) -> Result<Json<Account>, StatusCode> {
    if !peer.ip().is_loopback() {
        return Err(StatusCode::NOT_FOUND);
    }
    let customer = customers::by_id(&subject).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(Account {
        login: customer.login,
        organisation: customer.organisation,
        role: customer.role,
    }))
}
