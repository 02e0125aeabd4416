//! Files: addressed by the SHA-256 of their content, encrypted at rest.

use std::fmt;
use std::path::Path as FilePath;
use std::str::FromStr;
use std::sync::Arc;

use kernel::rng::{Rng, SystemRng};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest;

/// The first byte of a stored file: AES-256-GCM, then 12 bytes of nonce, the ciphertext and its tag; the address
/// is authenticated with it, so that files cannot be swapped.
const FORMAT: u8 = 1;

/// The address of a blob: the SHA-256 of its plain content as 64 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Hex(String);

impl Sha256Hex {
    /// The address of a content.
    pub fn of(bytes: &[u8]) -> Self {
        Sha256Hex(data_encoding::HEXLOWER.encode(digest::digest(&digest::SHA256, bytes).as_ref()))
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn path(&self) -> Path {
        // Two levels keep folders small at millions of files.
        Path::from(format!("{}/{}/{}", &self.0[..2], &self.0[2..4], self.0))
    }
}

impl FromStr for Sha256Hex {
    type Err = BlobError;

    fn from_str(text: &str) -> Result<Self, BlobError> {
        if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Sha256Hex(text.to_owned()))
        } else {
            Err(BlobError::Address)
        }
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256Hex({})", self.0)
    }
}

impl From<&Sha256Hex> for crate::Value {
    fn from(value: &Sha256Hex) -> Self {
        crate::Value::Text(value.0.clone())
    }
}

impl From<Sha256Hex> for crate::Value {
    fn from(value: Sha256Hex) -> Self {
        crate::Value::Text(value.0)
    }
}

/// Why a blob could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The text is not 64 lower-case hex digits.
    #[error("not an address of a blob")]
    Address,
    /// Nothing is stored there.
    #[error("there is no such blob")]
    NotFound,
    /// The file was changed, or the key is another.
    #[error("the blob is damaged or was encrypted with another key")]
    Damaged,
    /// The store failed.
    #[error("the blob store failed: {0}")]
    Store(String),
}

/// A store of files. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    key: Arc<LessSafeKey>,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blobs")
    }
}

impl Blobs {
    /// A store in a local folder, made when missing. `key` is the AES-256 key.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(dir: impl AsRef<FilePath>, key: [u8; 32]) -> Result<Blobs, BlobError> {
        std::fs::create_dir_all(&dir).map_err(|e| BlobError::Store(e.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(dir).map_err(store_error)?.with_fsync(true);
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| BlobError::Damaged)?;
        Ok(Blobs { store: Arc::new(store), key: Arc::new(LessSafeKey::new(key)) })
    }

    /// Stores a content durably and returns its address. The same content twice is stored once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put(&self, bytes: &[u8]) -> Result<Sha256Hex, BlobError> {
        let address = Sha256Hex::of(bytes);
        let path = address.path();
        match self.store.head(&path).await {
            Ok(_) => return Ok(address),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(e) => return Err(store_error(e)),
        }
        let mut nonce = [0; NONCE_LEN];
        SystemRng.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + bytes.len() + AES_256_GCM.tag_len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(bytes);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(address.0.as_bytes()),
                &mut sealed[1 + NONCE_LEN..],
            )
            .map_err(|_| BlobError::Damaged)?;
        sealed.extend_from_slice(tag.as_ref());
        self.store.put(&path, PutPayload::from(sealed)).await.map_err(store_error)?;
        Ok(address)
    }

    /// Reads a content and checks that it is the one that was stored.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], or [`BlobError::Damaged`] when the file was changed.
    pub async fn get(&self, address: &Sha256Hex) -> Result<Vec<u8>, BlobError> {
        let sealed = self.store.get(&address.path()).await.map_err(store_error)?.bytes().await.map_err(store_error)?;
        let nonce = sealed.get(1..1 + NONCE_LEN).ok_or(BlobError::Damaged)?;
        if sealed.first() != Some(&FORMAT) {
            return Err(BlobError::Damaged);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| BlobError::Damaged)?;
        let mut bytes = sealed[1 + NONCE_LEN..].to_vec();
        let length = self
            .key
            .open_in_place(nonce, Aad::from(address.0.as_bytes()), &mut bytes)
            .map_err(|_| BlobError::Damaged)?
            .len();
        bytes.truncate(length);
        Ok(bytes)
    }

    /// Removes a content. Removing what is not there is no error. The caller knows that nobody else refers to it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, address: &Sha256Hex) -> Result<(), BlobError> {
        match self.store.delete(&address.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(store_error(e)),
        }
    }
}

fn store_error(error: object_store::Error) -> BlobError {
    match error {
        object_store::Error::NotFound { .. } => BlobError::NotFound,
        other => BlobError::Store(other.to_string()),
    }
}
