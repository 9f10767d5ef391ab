use crate::sql::query::tests::{parameters, refusal};

#[test]
fn long_chains_are_read_in_time() {
    let start = std::time::Instant::now();
    for (start, link) in [
        ("a", ".a"),
        ("1", "::int"),
        ("1", "+1"),
        ("a", "[1]"),
        ("a", " collate \"C\""),
        ("1 from a", ",a"),
    ] {
        let sql = format!("SELECT {start}{}", link.repeat(60_000 / link.len()));
        assert_eq!(parameters(&sql), 0);
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn length_and_depth_are_limited() {
    let levels = "a query can't use more than 100 levels inside one another";
    for (start, end) in
        [("(", ")"), ("not ", ""), ("- ", ""), ("[", "]"), ("case when ", " then 1 end")]
    {
        let deep = format!("SELECT {}1{}", start.repeat(2_000), end.repeat(2_000));
        assert_eq!(refusal(&deep), levels);
    }
    let long = format!("SELECT {}1", " ".repeat(65_536));
    assert_eq!(refusal(&long), "a query has at most 65536 bytes, and this one 65544");
    let wide = format!("SELECT 1 WHERE 1 IN ({}1)", "1,".repeat(20_000));
    assert_eq!(parameters(&wide), 0);
    let ands = format!("SELECT 1 WHERE {} true", "true and ".repeat(6_000));
    assert_eq!(parameters(&ands), 0);
}
