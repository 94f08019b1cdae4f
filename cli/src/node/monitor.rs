//! `/health` and `/metrics` over HTTP, for this machine alone.

use super::health::Watch;
use crate::failure::Failure;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Connections at once; what waits costs a few kilobytes.
const AT_ONCE: usize = 256;
/// For a request's head: whoever drips it must not keep the others from theirs.
const ASKING: Duration = Duration::from_secs(2);
/// For a whole request, head and answer.
const REQUEST: Duration = Duration::from_secs(15);
/// The most bytes of a request's head: hyper's smallest.
const HEAD: usize = 8192;
/// OpenMetrics 1.0.0, §"ABNF" and "Media type".
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// A port that answers how the node is.
pub struct Monitor {
    listener: TcpListener,
    address: SocketAddr,
}

/// An address that this machine alone can reach.
///
/// # Errors
/// `cli/not-loopback` for any other: how many entries an organisation has is nobody's business.
pub fn on_loopback(address: SocketAddr) -> Result<SocketAddr, Failure> {
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err(Failure::new(
        "cli/not-loopback",
        format!("{address} can be reached from other machines, and the monitor asks nobody who they are"),
        "listen at 127.0.0.1 or [::1]; let an agent on this machine pass the numbers on",
    ))
}

impl Monitor {
    /// Opens the port.
    ///
    /// # Errors
    /// `cli/port-taken`.
    pub async fn bind(address: SocketAddr) -> Result<Self, Failure> {
        let taken = |error: std::io::Error| {
            let cause = format!("cannot listen at {address}: {error}");
            Failure::new("cli/port-taken", cause, "stop what listens there, or name another port")
        };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until dropped.
    pub async fn answer(&self, watch: &Watch) {
        let one_after_another = || async {
            loop {
                // A connection that ended before it was taken is no concern; the next is.
                match self.listener.accept().await {
                    Ok((stream, _)) => converse(stream, watch).await,
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        };
        futures::future::join_all((0..AT_ONCE).map(|_| one_after_another())).await;
    }
}

async fn converse(stream: TcpStream, watch: &Watch) {
    let answer = service_fn(async |request| Ok::<_, Infallible>(respond(&request, watch).await));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(ASKING)
        .max_buf_size(HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer);
    // Whoever asked and went away has had its answer.
    drop(tokio::time::timeout(REQUEST, connection).await);
}

async fn respond(request: &Request<Incoming>, watch: &Watch) -> Response<Full<Bytes>> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(names_this_machine) {
        return response(StatusCode::MISDIRECTED_REQUEST, TEXT, "ask by the loopback address\n".into());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return response(StatusCode::METHOD_NOT_ALLOWED, TEXT, "GET /health or /metrics\n".into());
    }
    match request.uri().path() {
        "/health" => {
            let health = watch.health().await;
            let status = if health.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            match serde_json::to_string(&health) {
                Ok(json) => response(status, JSON, json + "\n"),
                Err(error) => response(StatusCode::INTERNAL_SERVER_ERROR, TEXT, error.to_string()),
            }
        }
        "/metrics" => match watch.metrics().await {
            Some(text) => response(StatusCode::OK, OPEN_METRICS, text),
            None => {
                response(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "the numbers cannot be written\n".into())
            }
        },
        _ => response(StatusCode::NOT_FOUND, TEXT, "there are /health and /metrics\n".into()),
    }
}

/// A page of another site that has its name lead here (DNS rebinding) names that site.
fn names_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    bare.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn response(status: StatusCode, media_type: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monitor_answers_to_the_names_of_this_machine_alone() {
        for host in ["127.0.0.1", "127.0.0.1:9780", "localhost:1", "LocalHost", "[::1]:80", "[::1]"] {
            assert!(names_this_machine(host), "{host}");
        }
        for host in
            ["", "evil.example", "evil.example:9780", "127.0.0.1.evil.example", "10.0.0.1:80", "[fe80::1]"]
        {
            assert!(!names_this_machine(host), "{host}");
        }
    }

    #[test]
    fn the_monitor_listens_nowhere_that_others_reach() {
        for address in ["0.0.0.0:1", "[::]:1", "192.0.2.1:80"] {
            assert_eq!(on_loopback(address.parse().unwrap()).unwrap_err().code, "cli/not-loopback");
        }
        assert!(on_loopback("127.0.0.1:0".parse().unwrap()).is_ok());
    }
}
