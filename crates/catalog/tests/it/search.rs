use crate::publish::published;

#[tokio::test]
async fn what_people_type_finds_the_service_among_the_first_three() {
    let world = published().await;
    let shelf = world.catalog.shelf();
    let today = world.ctx.today();
    let cases = include_str!("../data/search.tsv");
    let (mut asked, mut first, mut missed) = (0, 0, Vec::new());
    for line in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (question, wanted) = line.split_once('\t').expect("question, tab, code");
        let found: Vec<&str> =
            shelf.find(question, 5, today).into_iter().map(|definition| definition.code().as_str()).collect();
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
    let shelf = world.catalog.shelf();
    for question in ["xyzzy qwrtp", "🙂", "'''", "   ", "0000000"] {
        assert!(shelf.find(question, 5, world.ctx.today()).is_empty(), "{question}");
    }
}
