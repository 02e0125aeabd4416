use contracts::catalog::Catalog;

use crate::publish::published;

#[tokio::test]
async fn what_people_type_finds_the_service_among_the_first_three() {
    let world = published().await;
    let cases = include_str!("../data/search.tsv");
    let (mut asked, mut first, mut missed) = (0, 0, Vec::new());
    for line in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (question, wanted) = line.split_once('\t').expect("question, tab, code");
        let found = world.shelf.find(&world.ctx, question, 5).await.expect("an answer");
        let found: Vec<&str> = found.iter().map(|definition| definition.code().as_str()).collect();
        asked += 1;
        first += usize::from(found.first() == Some(&wanted));
        if !found.iter().take(3).any(|code| *code == wanted) {
            missed.push(format!("{question} → {found:?}, wanted {wanted}"));
        }
    }
    println!("{asked} questions, {first} answered first, {} missed", missed.len());
    assert!(asked >= 60, "{asked}");
    assert!(missed.is_empty(), "{} of {asked} missed:\n{}", missed.len(), missed.join("\n"));
}

#[tokio::test]
async fn nonsense_finds_nothing() {
    let world = published().await;
    for question in ["xyzzy qwrtp", "🙂", "'''", "   ", "0000000"] {
        assert!(world.shelf.find(&world.ctx, question, 5).await.expect("an answer").is_empty(), "{question}");
    }
}
