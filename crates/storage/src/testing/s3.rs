//! A real S3 server over a folder: signatures, multipart uploads, copies and errors are its own.

use std::path::Path;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::blobs::S3Keys;

/// The one bucket that it has.
pub(super) const BUCKET: &str = "blobs";
const KEY: &str = "test-key";
const SECRET: &str = "test-secret";

/// A server of its own; it ends when this is dropped.
pub(super) struct S3Server {
    /// Where it listens.
    pub endpoint: String,
    task: JoinHandle<()>,
}

impl S3Server {
    /// Serves `folder`, with the bucket [`BUCKET`] in it.
    pub(super) async fn start(folder: &Path) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        std::fs::create_dir_all(folder.join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            loop {
                let Ok((connection, _)) = listener.accept().await else { continue };
                let service = service.clone();
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(connection), service).await;
                });
            }
        });
        Self { endpoint, task }
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The keys that the server takes.
pub(super) fn keys() -> S3Keys {
    S3Keys { id: SecretString::from(KEY), secret: SecretString::from(SECRET) }
}
