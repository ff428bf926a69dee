//! An address that stays while the programs behind it come and go, as that of a proxy does.

use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The address, and what is behind it. Closed when dropped.
pub struct Door {
    /// `http://127.0.0.1:<port>`
    pub url: String,
    behind: Arc<Mutex<Option<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Door {
    /// One behind which nobody is yet.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let behind = Arc::<Mutex<Option<String>>>::default();
        let known = Arc::clone(&behind);
        let task = tokio::spawn(async move {
            while let Ok((mut outside, _)) = listener.accept().await {
                let address = known.lock().unwrap().clone();
                tokio::spawn(async move {
                    // Where nobody is, the connection ends at once.
                    let Some(address) = address else { return };
                    let Ok(mut inside) = TcpStream::connect(address).await else { return };
                    let _ = copy_bidirectional(&mut outside, &mut inside).await;
                });
            }
        });
        Self { url, behind, task }
    }

    /// Who comes reaches this address from now on: `http://127.0.0.1:<port>`, or nobody if it is empty.
    pub fn leads_to(&self, web: &str) {
        *self.behind.lock().unwrap() = web.strip_prefix("http://").map(str::to_owned);
    }
}
