//! A connection's one stream: bounded reads and writes, and what a close says.

use std::error::Error;
use std::time::Duration;

use firn_ledger::error::{LedgerError, SyncError};
use iroh::endpoint::{
    ConnectError, ConnectingError, Connection, ConnectionError, ReadError, ReadToEndError, RecvStream,
    SendStream, TransportErrorCode, VarInt, WriteError,
};
use tokio::time::timeout;

use crate::error::{PeerError, Whose};
use crate::gate::MINUTE;

/// The most bytes on their way to a reader that has not taken them: QUIC's flow control (RFC 9000 §4).
pub(crate) const WINDOW: u32 = 2 * 1024 * 1024;

/// Why a connection is closed; the number stands in QUIC's CONNECTION_CLOSE (RFC 9000 §19.19) and in
/// docs/firn.cddl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    Done,
    NotAMember,
    Malformed,
    Busy,
    Timeout,
    ShuttingDown,
    Failed,
    Revoked,
    NotInviting,
}

impl Close {
    const ALL: [Self; 9] = [
        Self::Done,
        Self::NotAMember,
        Self::Malformed,
        Self::Busy,
        Self::Timeout,
        Self::ShuttingDown,
        Self::Failed,
        Self::Revoked,
        Self::NotInviting,
    ];

    fn number(self) -> u32 {
        match self {
            Self::Done => 0,
            Self::NotAMember => 1,
            Self::Malformed => 2,
            Self::Busy => 3,
            Self::Timeout => 4,
            Self::ShuttingDown => 5,
            Self::Failed => 6,
            Self::Revoked => 7,
            Self::NotInviting => 8,
        }
    }

    /// What to tell the peer when `error` ended the exchange here.
    pub fn for_error(error: &PeerError) -> Self {
        match error {
            PeerError::NotAMember { .. } => Self::NotAMember,
            PeerError::Revoked { .. } => Self::Revoked,
            PeerError::MessageMalformed { .. } | PeerError::AnswerForged | PeerError::LabelMalformed => {
                Self::Malformed
            }
            PeerError::Ledger(LedgerError::Sync(SyncError::Protocol { .. } | SyncError::TooLarge)) => {
                Self::Malformed
            }
            PeerError::Busy { .. } => Self::Busy,
            PeerError::InvitationRefused => Self::NotInviting,
            PeerError::Timeout { .. } => Self::Timeout,
            PeerError::ShuttingDown => Self::ShuttingDown,
            _ => Self::Failed,
        }
    }

    /// What the peer's close means here, with the words that it gave.
    fn error(self, words: &[u8]) -> PeerError {
        match self {
            Self::Done => PeerError::ConnectionLost { cause: "the other device ended it".into() },
            Self::NotAMember => PeerError::NotAMember { whose: Whose::Ours },
            Self::Malformed => PeerError::MessageMalformed { why: "the other device did not understand" },
            Self::Busy => PeerError::Busy { wait_s: seconds(words) },
            Self::Timeout => PeerError::Timeout { during: "the other device waited" },
            Self::ShuttingDown => PeerError::ShuttingDown,
            Self::Failed => PeerError::PeerFailed,
            Self::Revoked => PeerError::Revoked { whose: Whose::Ours },
            Self::NotInviting => PeerError::InvitationRefused,
        }
    }
}

/// An error and all its causes on one line.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

pub(crate) fn connection_error(error: &ConnectionError) -> PeerError {
    match error {
        ConnectionError::ApplicationClosed(application) => {
            let number = application.error_code.into_inner();
            let close = Close::ALL.into_iter().find(|close| u64::from(close.number()) == number);
            close.unwrap_or(Close::Failed).error(&application.reason)
        }
        ConnectionError::ConnectionClosed(close)
            if close.error_code == TransportErrorCode::CONNECTION_REFUSED =>
        {
            PeerError::Busy { wait_s: None }
        }
        ConnectionError::TimedOut => PeerError::Timeout { during: "the other device said nothing" },
        other => PeerError::ConnectionLost { cause: causes(other) },
    }
}

pub(crate) fn connect_error(error: &ConnectError) -> PeerError {
    let known = match error {
        ConnectError::Connection { source, .. } => Some(connection_error(source)),
        ConnectError::Connecting { source: ConnectingError::ConnectionError { source, .. }, .. } => {
            Some(connection_error(source))
        }
        _ => None,
    };
    match known {
        Some(
            known @ (PeerError::Busy { .. }
            | PeerError::NotAMember { .. }
            | PeerError::Revoked { .. }
            | PeerError::InvitationRefused
            | PeerError::ShuttingDown),
        ) => known,
        _ => PeerError::Unreachable { cause: causes(error) },
    }
}

fn read_error(error: &ReadError) -> PeerError {
    match error {
        ReadError::ConnectionLost(error) => connection_error(error),
        other => PeerError::ConnectionLost { cause: causes(other) },
    }
}

fn write_error(error: &WriteError) -> PeerError {
    match error {
        WriteError::ConnectionLost(error) => connection_error(error),
        other => PeerError::ConnectionLost { cause: causes(other) },
    }
}

/// Closes with what `result` says and hands it back.
pub(crate) fn close_with<T>(connection: &Connection, result: Result<T, PeerError>) -> Result<T, PeerError> {
    let close = result.as_ref().err().map_or(Close::Done, Close::for_error);
    let words = match &result {
        Err(PeerError::Busy { wait_s: Some(seconds) }) => seconds.to_string(),
        _ => String::new(),
    };
    connection.close(VarInt::from_u32(close.number()), words.as_bytes());
    result
}

/// The seconds that a busy peer gives: a decimal number up to a minute, and nothing else.
fn seconds(words: &[u8]) -> Option<u64> {
    let digits =
        std::str::from_utf8(words).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).filter(|seconds| (1..=MINUTE.as_secs()).contains(seconds))
}

/// Opens the connection's stream; the dialler's part.
pub(crate) async fn open(connection: &Connection) -> Result<(SendStream, RecvStream), PeerError> {
    connection.open_bi().await.map_err(|error| connection_error(&error))
}

/// Takes the connection's stream; the listener's part.
pub(crate) async fn accept(connection: &Connection) -> Result<(SendStream, RecvStream), PeerError> {
    connection.accept_bi().await.map_err(|error| connection_error(&error))
}

/// Hands bytes to the stream; waits while the peer does not take them.
pub(crate) async fn write(send: &mut SendStream, bytes: &[u8]) -> Result<(), PeerError> {
    send.write_all(bytes).await.map_err(|error| write_error(&error))
}

/// Ends this direction of the stream.
pub(crate) fn finish(send: &mut SendStream) -> Result<(), PeerError> {
    send.finish().map_err(|error| PeerError::ConnectionLost { cause: error.to_string() })
}

/// Waits until the peer's side has all that was sent.
pub(crate) async fn delivered(send: &SendStream) -> Result<(), PeerError> {
    let stopped = send.stopped().await;
    stopped.map(|_| ()).map_err(|error| PeerError::ConnectionLost { cause: causes(&error) })
}

/// The next bytes of the stream, at least one and at most `most`.
pub(crate) async fn read(receive: &mut RecvStream, most: usize) -> Result<Vec<u8>, PeerError> {
    let mut bytes = vec![0; most];
    let length = receive.read(&mut bytes).await.map_err(|error| read_error(&error))?;
    let early = || PeerError::ConnectionLost { cause: "the other device ended too early".into() };
    bytes.truncate(length.ok_or_else(early)?);
    Ok(bytes)
}

/// Sends one message and ends this direction of the stream.
pub(crate) async fn send_last(send: &mut SendStream, message: &[u8]) -> Result<(), PeerError> {
    write(send, message).await?;
    finish(send)
}

/// The next `length` bytes of the stream, or all where it ends before.
pub(crate) async fn read_up_to(receive: &mut RecvStream, length: usize) -> Result<Vec<u8>, PeerError> {
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let mut more = vec![0; length.saturating_sub(bytes.len())];
        match receive.read(&mut more).await.map_err(|error| read_error(&error))? {
            Some(count) => bytes.extend(more.into_iter().take(count)),
            None => break,
        }
    }
    Ok(bytes)
}

/// Reads the one message of a direction that the peer ends after it.
pub(crate) async fn read_last(receive: &mut RecvStream, most: usize) -> Result<Vec<u8>, PeerError> {
    receive.read_to_end(most).await.map_err(|error| match error {
        ReadToEndError::Read(error) => read_error(&error),
        ReadToEndError::TooLong => {
            PeerError::MessageMalformed { why: "it is longer than the protocol allows" }
        }
    })
}

/// `work` within `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    during: &'static str,
    work: impl Future<Output = Result<T, PeerError>>,
) -> Result<T, PeerError> {
    timeout(limit, work).await.unwrap_or(Err(PeerError::Timeout { during }))
}
