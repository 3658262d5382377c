//! Stories of the scenarios, and the words of the vocabulary.

use toml::{Table, Value};

use super::page::fenced;
use crate::tidy::tree::Tree;

/// The one place where words are explained.
const VOCABULARY: &str = "docs/vocabulary.md";

/// A scenario by its folder and name: its title with its file, what is given, and what is told.
pub(super) fn scenario(tree: &Tree, name: &str) -> Result<String, String> {
    let path = format!("scenarios/{name}.toml");
    let text = tree.text(&path).ok_or_else(|| format!("{path} is missing"))?;
    let table: Table = text.parse().map_err(|e| format!("{path}: {e}"))?;
    let of = |table: &Table, key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
    let title = of(&table, "title").ok_or_else(|| format!("{path} has no title"))?;
    let then = table.get("then").and_then(Value::as_table).ok_or_else(|| format!("{path} has no [then]"))?;
    let story = of(then, "story").ok_or_else(|| format!("{path} tells no story"))?;
    let given = fenced(&given(text)).replacen("```text", "```toml", 1);
    Ok(format!("**[{title}](../../../{path})**\n\n{given}\n\n{}", fenced(&story)))
}

/// What stands between the rules that are shown and what is told.
fn given(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.trim() != "[then]");
    let from_table = lines.skip_while(|line| !line.starts_with('[') && !line.starts_with("policy "));
    from_table.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The table of words.
pub(super) fn glossary(tree: &Tree) -> Result<String, String> {
    let text = tree.text(VOCABULARY).ok_or_else(|| format!("{VOCABULARY} is missing"))?;
    let mut rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| **")).collect();
    rows.sort_by_key(|row| row.to_lowercase());
    match rows.as_slice() {
        [] => Err(format!("{VOCABULARY} has no rows that begin `| **`")),
        rows => Ok(format!("| word | meaning |\n|---|---|\n{}", rows.join("\n"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_told() {
        let text = "title = \"It\"\nrules = [\n    \"A-1\",\n]\nswitches = []\npolicy = \"as-written\"\n\n[given]\n\
                    deposit = 1\n\n\
                    [then]\nstory = '''\nIt happens.\n'''\n";
        let tree = Tree::of([("scenarios/a/b.toml", text)]);
        let expected = "**[It](../../../scenarios/a/b.toml)**\n\n```toml\npolicy = \"as-written\"\n\n[given]\n\
                        deposit = 1\n```\n\n```text\nIt happens.\n```";
        assert_eq!(scenario(&tree, "a/b"), Ok(expected.to_owned()));
        assert!(scenario(&tree, "a/c").is_err());
    }

    #[test]
    fn words_stand_in_order() {
        let tree = Tree::of([(VOCABULARY, "# V\n| word | meaning |\n|---|---|\n| **b** | 2 |\n| **A** | 1 |\n")]);
        assert_eq!(glossary(&tree), Ok("| word | meaning |\n|---|---|\n| **A** | 1 |\n| **b** | 2 |".to_owned()));
        assert!(glossary(&Tree::of([(VOCABULARY, "none")])).is_err());
    }
}
