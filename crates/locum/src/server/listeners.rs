//! Every listener, bound before the first request is taken.

use std::net::SocketAddr;

use locum_catalog::Deployment;
use locum_domain::ApplicationId;
use locum_gateway::Listener;
use tokio::net::TcpListener;

use super::StartFailure;

pub(super) struct Listeners {
    pub(super) server: TcpListener,
    pub(super) gateway: Vec<(TcpListener, Listener)>,
    pub(super) gateway_port: u16,
}

impl Listeners {
    pub(super) async fn bind(deployment: &Deployment) -> Result<Self, StartFailure> {
        let settings = &deployment.settings;
        let server = bind(settings.server.listen).await?;
        let domain = bind(settings.gateway.listen).await?;
        let gateway_port = domain
            .local_addr()
            .map_or(settings.gateway.listen.port(), |bound| bound.port());
        let mut gateway = vec![(domain, Listener::Domain)];
        for (id, application) in &deployment.catalog.applications {
            if let Some(address) = &application.address {
                let address = address
                    .parse()
                    .map_err(|_| StartFailure::Address(address.clone()))?;
                let id: ApplicationId = id.clone();
                gateway.push((bind(address).await?, Listener::Application(id)));
            }
        }
        Ok(Self {
            server,
            gateway,
            gateway_port,
        })
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartFailure> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartFailure::Listen { address, source })
}
