//! Signatures of plans, by Ed25519 keys as `openssl genpkey -algorithm ed25519` makes them.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use leora_folder::io_reason;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};

use crate::plan_file::PlanFile;

/// The largest file of keys that is read, in bytes.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// What is before the 32 bytes of an Ed25519 key in its standard form (RFC 8410).
const PUBLIC_KEY_HEAD: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// How the head reads in base64: what starts like this is a key itself, and else the name of a file.
const PUBLIC_KEY_START: &str = "MCowBQYDK2VwAyEA";

/// The key that signs; it is never shown.
pub(crate) struct SigningKey(Ed25519KeyPair);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// A key that somebody's signature is checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApproverKey(Vec<u8>);

impl SigningKey {
    /// Reads a private key; an error is the reason.
    pub(crate) fn load(path: &Path) -> Result<Self, String> {
        let (text, mode) = read_key_file(path)?;
        if mode & 0o077 != 0 {
            return Err("others may read it: chmod 600, and make a new key if they have".into());
        }
        let no_key = "it holds no Ed25519 key: openssl genpkey -algorithm ed25519 makes one";
        let key = PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|_| no_key)?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der());
        Ok(Self(pair.map_err(|_| no_key)?))
    }
}

impl ApproverKey {
    /// The keys that an argument names: one as text, or those of a file; an error is the reason.
    pub(crate) fn load(given: &str) -> Result<Vec<Self>, String> {
        if given.starts_with(PUBLIC_KEY_START) {
            let no_key = "it is no Ed25519 key in base64";
            let der = STANDARD.decode(given).map_err(|_| no_key)?;
            return Ok(vec![Self::from_der(&der).ok_or(no_key)?]);
        }
        let (text, _) = read_key_file(Path::new(given))?;
        let no_key = "it holds something else than public Ed25519 keys: openssl pkey -pubout makes one from a private key";
        let keys = SubjectPublicKeyInfoDer::pem_slice_iter(&text)
            .map(|der| der.ok().and_then(|der| Self::from_der(&der)))
            .collect::<Option<Vec<_>>>();
        keys.filter(|keys| !keys.is_empty()).ok_or_else(|| no_key.into())
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        let key = der.strip_prefix(&PUBLIC_KEY_HEAD)?;
        (key.len() == 32).then(|| Self(key.to_vec()))
    }
}

/// The bytes of a file, and its mode.
fn read_key_file(path: &Path) -> Result<(Vec<u8>, u32), String> {
    let reason = |error: std::io::Error| io_reason(&error);
    // A pipe is opened without waiting for its other end.
    let mut options = File::options();
    let file = options.read(true).custom_flags(nix::libc::O_NONBLOCK).open(path).map_err(reason)?;
    let metadata = file.metadata().map_err(reason)?;
    if !metadata.is_file() {
        return Err("it is no regular file".into());
    }
    let mut text = Vec::new();
    file.take(MAX_KEY_BYTES).read_to_end(&mut text).map_err(reason)?;
    Ok((text, metadata.mode()))
}

impl PlanFile {
    pub(crate) fn sign(&mut self, key: &SigningKey) {
        let signature = key.0.sign(self.signed_text().as_bytes());
        self.signature = Some(STANDARD.encode(signature));
    }

    pub(crate) fn is_signed(&self) -> bool {
        self.signature.is_some()
    }

    pub(crate) fn is_signed_by(&self, keys: &[ApproverKey]) -> bool {
        let signature = self.signature.as_ref().and_then(|text| STANDARD.decode(text).ok());
        let Some(signature) = signature else { return false };
        let text = self.signed_text();
        let verifies = |key: &ApproverKey| {
            UnparsedPublicKey::new(&ED25519, &key.0).verify(text.as_bytes(), &signature).is_ok()
        };
        keys.iter().any(verifies)
    }

    /// A signature of something else with the same key is none of a plan.
    fn signed_text(&self) -> String {
        format!("leora-run plan {}", self.digest)
    }
}
