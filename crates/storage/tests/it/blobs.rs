use storage::{BlobError, Blobs, Sha256Hex};

fn files(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn a_blob_comes_back_by_the_hash_of_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path(), [7; 32]).unwrap();
    for content in [b"".to_vec(), b"a passport scan".to_vec(), vec![9; 300_000]] {
        let address = blobs.put(&content).await.unwrap();
        assert_eq!(address, Sha256Hex::of(&content));
        assert_eq!(blobs.put(&content).await.unwrap(), address);
        assert_eq!(blobs.get(&address).await.unwrap(), content);
    }
    assert_eq!(files(dir.path()).len(), 3);
    // At rest there is no plain text.
    for file in files(dir.path()) {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(8).any(|w| w == b"passport"));
    }
}

#[tokio::test]
async fn a_changed_swapped_or_foreign_blob_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path(), [7; 32]).unwrap();
    let address = blobs.put(b"content").await.unwrap();
    assert!(matches!(Blobs::open(dir.path(), [8; 32]).unwrap().get(&address).await, Err(BlobError::Damaged)));
    assert!(matches!(blobs.get(&Sha256Hex::of(b"never stored")).await, Err(BlobError::NotFound)));
    let path = files(dir.path()).remove(0);
    let good = std::fs::read(&path).unwrap();
    for cut in 0..good.len() {
        std::fs::write(&path, &good[..cut]).unwrap();
        assert!(matches!(blobs.get(&address).await, Err(BlobError::Damaged)));
        let mut bad = good.clone();
        bad[cut] ^= 1;
        std::fs::write(&path, bad).unwrap();
        assert!(matches!(blobs.get(&address).await, Err(BlobError::Damaged)));
    }
    std::fs::write(&path, good).unwrap();
    assert_eq!(blobs.get(&address).await.unwrap(), b"content");
    blobs.delete(&address).await.unwrap();
    blobs.delete(&address).await.unwrap();
    assert!(matches!(blobs.get(&address).await, Err(BlobError::NotFound)));
}

#[test]
fn an_address_from_outside_is_checked() {
    let good = Sha256Hex::of(b"x").to_string();
    assert!(good.parse::<Sha256Hex>().is_ok());
    for bad in ["", "../../etc/passwd", &good[1..], &good.to_uppercase(), &format!("{good}0"), &"ў".repeat(32)] {
        assert!(bad.parse::<Sha256Hex>().is_err());
    }
}
