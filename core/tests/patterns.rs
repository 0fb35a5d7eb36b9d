//! Patterns of permissions and policies, by what they match.

use warren_core::Pattern;

#[test]
fn patterns_match_as_regular_expressions_do() {
    let table = [
        ("", "anything", true),
        (".*", "anything", true),
        ("^$", "", true),
        ("^$", "q", false),
        ("obs", "jobs", true),
        ("^obs", "jobs", false),
        ("^(jobs|logs)$", "logs", true),
        ("^(jobs|logs)$", "logs-2", false),
        (r"^log-\d+$", "log-42", true),
        // Look-ahead rules names out before the rest is looked at.
        (r"^(?!amq\.)", "amq.gen-1", false),
        (r"^(?!amq\.)", "jobs", true),
        (r"^(?!amq\.).*", "a", true),
        (r"^(?!amq\.)(?!tmp)jobs", "jobs-tmp", true),
        (r"^(?!amq\.)(?!tmp)jobs", "tmp-jobs", false),
        (r"^(?=.*jobs)(?!dead)", "my-jobs", true),
        (r"^(?=.*jobs)(?!dead)", "dead-jobs", false),
        (r"^(?!(a|b)[)]x)", "a)x", false),
        (r"^(?!(a|b)[)]x)", "c)x", true),
        (r"^(?!a)(b|c)", "c", true),
    ];
    for (pattern, name, matches) in table {
        let parsed = Pattern::parse(pattern).expect(pattern);
        assert_eq!(parsed.matches(name), matches, "{pattern:?} and {name:?}");
    }
}

#[test]
fn what_is_no_pattern_is_told_why() {
    let table = [
        ("(", "'(' is no regular expression: found open group without closing ')'"),
        ("^(?!a", "'^(?!a' is no regular expression: unclosed group"),
        (
            "^(?!a)b|c",
            "'^(?!a)b|c' is no regular expression: alternatives after a look-ahead need parentheses around them",
        ),
        ("a(?!b)", "'a(?!b)' is no regular expression: look-around is not supported"),
    ];
    for (pattern, why) in table {
        assert_eq!(Pattern::parse(pattern).expect_err(pattern), why);
    }
    let long = "a".repeat(1025);
    assert_eq!(Pattern::parse(&long).expect_err("long"), "a regular expression has 1024 bytes at most");
}

#[test]
fn an_empty_permission_permits_nothing() {
    let nothing = Pattern::parse_permission("").expect("a pattern");
    assert!(nothing.matches(""));
    assert!(!nothing.matches("q"));
}
