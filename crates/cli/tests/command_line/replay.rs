//! `--record` and `--gil replay:FILE`.

use super::{assert_run, folder, toy_runs, write};

/// Writers and a reader, a wait that times out, a race: what it prints depends on who runs when.
const RACE: &str = "\
import os, queue, threading, time
read_end, write_end = os.pipe()
count, seen = 0, []
def work(name):
    global count
    for _ in range(200):
        count += 1
    os.write(write_end, name)
    try:
        queue.Queue().get(timeout=0.002)
    except queue.Empty:
        seen.append(count)
threads = [threading.Thread(target=work, args=(name,)) for name in (b'a', b'b', b'c')]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(count, seen, os.read(read_end, 10))
";

#[test]
fn a_record_repeats_a_run_under_every_policy() {
    let folder = folder();
    let (script, record) = (write(folder.path(), "race.toy", RACE), folder.path().join("run.gil"));
    let (record, replay) = (record.display().to_string(), format!("replay:{}", record.display()));
    for policy in [
        "fair:7",
        "ticks:20",
        "timed:30us",
        "quantum:30us",
        "iofirst:50,grace=20us",
        "never",
        "seeded:3",
        "fair:9,lazyio",
    ] {
        let recorded = toy_runs(["--gil", policy, "--record", &record, &script]);
        assert_eq!((recorded.code, recorded.err().as_str()), (0, ""), "{policy}");
        let repeated = toy_runs(["--gil", &replay, &script]);
        assert_eq!(repeated.out(), recorded.out(), "{policy}: {}", repeated.err());
    }
}

#[test]
fn equal_seeds_give_equal_records() {
    let folder = folder();
    let script = write(folder.path(), "race.toy", RACE);
    let records = ["first.gil", "second.gil"].map(|name| {
        let record = folder.path().join(name);
        let run = toy_runs(["--gil", "seeded:5,every=20", "--record", &record.display().to_string(), &script]);
        (run.out(), std::fs::read(&record).expect("it was written"))
    });
    assert_eq!(records[0], records[1]);
}

#[test]
fn the_first_difference_is_named_and_nothing_hangs() {
    let folder = folder();
    let record = folder.path().join("run.gil").display().to_string();
    let replay = format!("replay:{record}");
    let script = |second: &str| {
        let text = format!(
            "import threading, time\ndef work():\n    {second}\nt = threading.Thread(target=work)\nt.start()\nt.join()\nprint('done')\n"
        );
        write(folder.path(), "changed.toy", &text)
    };
    let path = script("time.sleep(0.001)");
    assert_run(&toy_runs(["--gil", "fair:5", "--record", &record, &path]), 0, "done\n", "");
    for changed in
        ["pass", "time.sleep(0.001); time.sleep(0.001)", "x = [0] * 100; x.sort()", "threading.Event().wait(0.001)"]
    {
        let path = script(changed);
        let run = toy_runs(["--gil", &replay, &path]);
        assert_eq!((run.code, run.out().as_str()), (1, "done\n"), "{changed}: {}", run.err());
        assert!(run.err().contains("the run differs from '") && run.err().contains("at decision "), "{}", run.err());
    }
}

#[test]
fn broken_records_are_refused_or_their_end_is_told() {
    let folder = folder();
    let script = write(folder.path(), "race.toy", RACE);
    let record = folder.path().join("run.gil").display().to_string();
    assert_eq!(toy_runs(["--gil", "fair:11", "--record", &record, &script]).code, 0);
    let text = std::fs::read_to_string(&record).expect("it was written");
    let cut = |lines: usize| text.lines().take(lines).map(|line| format!("{line}\n")).collect::<String>();
    for (name, content, complaint) in [
        ("empty", String::new(), "its first line is not"),
        ("foreign", "print('hello')\n".to_owned(), "its first line is not"),
        ("head", cut(1), "its head is cut off"),
        ("odd", cut(9) + "0 begins 3 lock\n", "line 10 is not understood: `0 begins 3 lock`"),
    ] {
        let path = write(folder.path(), name, &content);
        let run = toy_runs(["--gil", &format!("replay:{path}"), &script]);
        assert_eq!((run.code, run.out().as_str()), (2, ""), "{name}");
        assert!(run.err().contains(complaint), "{name}: {}", run.err());
    }
    let cut_off = write(folder.path(), "cut", &cut(30));
    let run = toy_runs(["--gil", &format!("replay:{cut_off}"), &script]);
    assert_eq!(run.code, 1);
    assert!(run.err().contains("was cut off behind decision"), "{}", run.err());
    let nobody = text.replacen("\n1 ", "\n99 ", 1);
    let run = toy_runs(["--gil", &format!("replay:{}", write(folder.path(), "nobody", &nobody)), &script]);
    assert_eq!(run.code, 1);
    assert!(run.err().contains("the run differs from"), "{}", run.err());
}

#[test]
fn the_variable_names_the_policy_unless_the_option_does() {
    let run = |variable: &str, arguments: &[&str]| {
        let mut command = super::support::toy(arguments);
        command.env("TOY_GIL", variable);
        super::support::run(command, "", super::TIMEOUT)
    };
    let script = ["-c", "from toy import gil; print(gil.policy)"];
    assert_run(&run("fair:7", &script), 0, "fair:7\n", "");
    assert_run(&run("fair:7", &[&["--gil", "never"], &script[..]].concat()), 0, "never\n", "");
    assert_run(&run("", &script), 0, "iofirst:2000000,grace=250us\n", "");
    let wrong = run("nonsense", &script);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err().starts_with("toy: TOY_GIL: unknown policy `nonsense`"), "{}", wrong.err());
    assert_eq!(run("nonsense", &["gil", "policies"]).code, 0);
}

#[test]
fn no_output_overwrites_the_script() {
    let folder = folder();
    let path = write(folder.path(), "a.toy", "print(1)\n");
    for arguments in
        [vec!["--record", &path, &path], vec!["gil", "--output", &path, &path], vec!["trace", "-o", &path, &path]]
    {
        let run = super::support::run(super::support::toy(&arguments), "", super::TIMEOUT);
        assert_run(&run, 2, "", &format!("toy: '{path}' is the script: it would be overwritten\n"));
    }
    assert_eq!(std::fs::read_to_string(&path).expect("it is still there"), "print(1)\n");
}
