//! The GitHub Action and the pre-commit hooks, as their files say: the steps are taken from there and run as these programs run them.
//!
//! What the program `pre-commit` itself makes of the hooks is in `tests/scripts/pre_commit.sh`.

#[cfg(test)]
#[path = "common/program.rs"]
#[expect(dead_code, reason = "this file needs part of it")]
mod program;

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};

    use insta_cmd::get_cargo_bin;
    use tempfile::TempDir;

    use crate::program::{done, folder, text};

    const SPUN: &str = "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected \
                        onslaught implicit plans to instrumentality a antheral disconnected each lorry.\n";
    const CLEAN: &str = "The bridge was opened on Monday. People can cross it on foot, and it will be lit at night.\n";

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn indent(line: &str) -> usize {
        line.len() - line.trim_start().len()
    }

    /// The script of a step of the action, and the inputs behind its variables.
    fn step(name: &str) -> (String, Vec<(String, String)>) {
        let action = fs::read_to_string(root().join("action.yml")).unwrap();
        let head = format!("name: {name}\n");
        let step = action.split("\n    - ").find(|step| step.starts_with(&head)).expect("a step of this name");
        assert!(step.contains("\n      shell: bash\n"), "{step}");
        let below = |key: &str| -> Vec<&str> {
            let head = format!("\n      {key}\n");
            let behind = step.split_once(head.as_str()).map_or("", |both| both.1);
            behind.lines().take_while(|line| line.is_empty() || indent(line) > 6).collect()
        };
        let script: Vec<&str> = below("run: |").iter().map(|line| line.get(8..).unwrap_or("")).collect();
        let variables = below("env:");
        let inputs = variables.iter().map(|line| {
            let (variable, value) = line.trim().split_once(": ").unwrap();
            (variable.to_owned(), value.trim_start_matches("${{ ").trim_end_matches(" }}").to_owned())
        });
        (script.join("\n"), inputs.collect())
    }

    /// What an input is if it is not given.
    fn default_of(input: &str) -> String {
        let action = fs::read_to_string(root().join("action.yml")).unwrap();
        let behind = action.split_once(&format!("\n  {input}:\n")).expect("an input of this name").1.to_owned();
        let line = behind.lines().take_while(|line| indent(line) > 2).find_map(|line| line.trim().strip_prefix("default: "));
        line.unwrap_or_else(|| panic!("{input} has a default")).trim_matches('"').to_owned()
    }

    /// Runs a step as the runner does, with `unspin` on the path; inputs that are not given have their defaults.
    fn run(at: &TempDir, name: &str, given: &[(&str, &str)]) -> Output {
        let (script, inputs) = step(name);
        let bin: PathBuf = at.path().join("bin");
        if !bin.exists() {
            fs::create_dir(&bin).unwrap();
            std::os::unix::fs::symlink(get_cargo_bin("unspin"), bin.join("unspin")).unwrap();
        }
        fs::write(at.path().join("step.sh"), script).unwrap();
        let mut command = Command::new("bash");
        command.current_dir(at.path()).args(["--noprofile", "--norc", "-eo", "pipefail", "step.sh"]).env("CI", "true").env("NO_COLOR", "1");
        command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
        command.env("RUNNER_TEMP", at.path()).env("GITHUB_PATH", at.path().join("path"));
        for (variable, source) in inputs {
            let value = match source.strip_prefix("inputs.") {
                Some(input) => given.iter().find(|one| one.0 == input).map_or_else(|| default_of(input), |one| one.1.to_owned()),
                None => root().display().to_string(),
            };
            command.env(variable, value);
        }
        command.output().unwrap()
    }

    #[test]
    fn the_action_checks_and_reports() {
        let some = folder(&[("news/a.txt", SPUN.as_bytes()), ("news/b.txt", CLEAN.as_bytes())]);
        let install = run(&some, "Install unspin", &[]);
        assert!(install.status.success(), "{}", text(&install.stderr));
        let path = fs::read_to_string(some.path().join("path")).unwrap();
        assert_eq!(path, format!("{}/unspin/bin\n", some.path().display()));
        done(&some, "check news --create --snapshots kept", 0);
        let given = [("directory", "news"), ("snapshots", "kept"), ("report", "report.html"), ("arguments", "--strict\n--jobs 1\n")];
        let good = run(&some, "Check the repairs", &given);
        assert_eq!((good.status.code(), text(&good.stderr)), (Some(0), "2 as stored\n".to_owned()));
        assert!(fs::read_to_string(some.path().join("report.html")).unwrap().contains("beryllium"));
        fs::write(some.path().join("news/a.txt"), SPUN.replace("each lorry", "every lorry")).unwrap();
        let bad = run(&some, "Check the repairs", &given);
        assert_eq!(bad.status.code(), Some(1), "{}", text(&bad.stderr));
        assert!(text(&bad.stdout).contains("a.txt: stale"), "{}", text(&bad.stdout));
        assert_eq!(fs::read_dir(some.path().join("kept")).unwrap().count(), 2, "nothing is written on a build server");
        // the inputs as they are if nothing is said
        let bare = folder(&[("a.txt", SPUN.as_bytes())]);
        let bad = run(&bare, "Check the repairs", &[]);
        assert_eq!(bad.status.code(), Some(1), "{}", text(&bad.stderr));
        assert!(text(&bad.stdout).contains("a.txt: new"), "{}", text(&bad.stdout));
    }

    #[test]
    fn the_hooks_call_what_there_is() {
        let hooks = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
        let entries: Vec<&str> = hooks.lines().filter_map(|line| line.strip_prefix("  entry: ")).collect();
        assert_eq!(entries, ["unspin check", "unspin detect --fail-on-spun"]);
        let some = folder(&[("a.txt", SPUN.as_bytes()), ("b.txt", CLEAN.as_bytes())]);
        for (entry, files, code) in [(entries[0], "", 1), (entries[1], " b.txt", 0), (entries[1], " a.txt b.txt", 1)] {
            done(&some, &format!("{}{files}", entry.strip_prefix("unspin ").unwrap()), code);
        }
    }
}
