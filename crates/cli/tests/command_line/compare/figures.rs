//! What is measured.

use serde_json::{Value, json};

use super::{COUNTER, data};

#[test]
fn figures_are_what_the_documentation_says() {
    let (code, value) = data(COUNTER, &["--runs", "2", "--gil", "never", "--instances", "1"], &["4"]);
    assert_eq!(code, 0);
    assert_eq!(value["schema"], "toy-compare/1");
    let conditions = &value["conditions"];
    assert_eq!(
        (&conditions["arguments"], &conditions["gil"], &conditions["places"], &conditions["timeout"]),
        (&json!(["4"]), &json!("never"), &json!(1), &Value::Null)
    );
    for (kind, started) in [("threads", 0), ("processes", 4)] {
        let side = &value[kind];
        let runs = side["runs"].as_array().expect("there are runs");
        assert_eq!(runs.len(), 2, "{value:#}");
        for run in runs {
            assert_eq!((&run["started"], &run["told"]), (&json!(started), &json!(started)), "{run:#}");
            assert_eq!(run["messages"].is_u64(), kind == "processes", "{run:#}");
            assert_eq!(run["private_memory"].as_u64() > Some(0), kind == "processes", "{run:#}");
            assert!(run["copied_memory"].as_u64() <= run["private_memory"].as_u64(), "{run:#}");
            assert!(run["peak_memory"].as_u64() > Some(1 << 20), "{run:#}");
            assert_eq!(
                (&run["exit_code"], &run["is_late"], &run["output_lines"]),
                (&json!(0), &json!(false), &json!(2))
            );
        }
        let wall = |of: &str| side["wall"][of].as_f64().expect("it was measured");
        assert!(wall("min") <= wall("median") && wall("median") <= wall("max"));
    }
    let [threads, processes] =
        ["threads", "processes"].map(|kind| value[kind]["wall"]["median"].as_f64().unwrap_or(0.0));
    assert!((value["speedup"].as_f64().unwrap_or(0.0) - threads / processes).abs() < 1e-9);
    assert_eq!(value["globals"], json!([{"name": "counter", "threads": "400", "processes": "0", "varies": false}]));
    let documentation = include_str!("../../../../lab/docs/compare.md");
    let fields = value.as_object().into_iter().chain(value["processes"]["runs"][0].as_object()).flatten();
    for (field, _) in fields {
        assert!(documentation.contains(&format!("`{field}`")), "{field} is not documented");
    }
}

#[test]
fn messages_and_bytes_grow_with_what_is_sent() {
    let script = "\
import queue, sys, threading
box = queue.Queue()
def work():
    for _ in range(int(sys.argv[1])): box.put(b'x' * 1000)
worker = threading.Thread(target=work)
worker.start()
for _ in range(int(sys.argv[1])): box.get()
worker.join()
";
    let sent = |count: &str| {
        let (_, value) = data(script, &[], &[count]);
        let run = &value["processes"]["runs"][0];
        let number = |name: &str| run[name].as_u64().expect("it was counted");
        (number("messages"), number("bytes"))
    };
    let (few, many) = (sent("10"), sent("110"));
    assert!(many.0 >= few.0 + 200, "100 more are put and got: {few:?} {many:?}");
    assert!(many.1 >= few.1 + 100 * 1000, "{few:?} {many:?}");
}

#[test]
fn memory_that_a_process_writes_to_is_copied() {
    let script = "\
import sys, threading
data = [[number] for number in range(50_000)]
def work():
    for part in data[:int(sys.argv[1])]: part[0] = -1
worker = threading.Thread(target=work)
worker.start()
worker.join()
";
    let copied = |count: &str| {
        let (_, value) = data(script, &[], &[count]);
        assert!(count == "0" || value["globals"][0]["name"] == "data", "{value:#}");
        value["processes"]["runs"][0]["copied_memory"].as_u64().expect("it was measured")
    };
    // Each of them takes more than 16 bytes.
    assert!(copied("50000") > copied("0") + 50_000 * 16);
}

#[test]
fn globals_are_described_by_what_they_consist_of() {
    let script = "\
import threading, collections, os
class Account:
    def __init__(self): self.balance, self.owner = 0, {'name': 'x'}
    def __repr__(self): raise SystemExit('nobody may ask')
class Slotted:
    __slots__ = ('a', 'b')
class Number(int): pass
account, slotted, number = Account(), Slotted(), Number(7)
lock, event, names = threading.Lock(), threading.Event(), collections.Counter('aab')
words = {str(number) for number in range(50)}
loop = []; loop.append(loop)
long = list(range(1000))
text = 'a' * 100_000
huge = 10 ** 5000
def work():
    account.balance = 5
    slotted.a = 1
    long[700] = 'changed'
    names['c'] += 1
    globals()['born'] = True
worker = threading.Thread(target=work)
worker.start()
worker.join()
del worker
";
    let (code, value) = data(script, &[], &[]);
    assert_eq!(code, 0, "{value:#}");
    let expected = json!([
        ["account", "Account(balance=5, owner={'name': 'x'})", "Account(balance=0, owner={'name': 'x'})"],
        ["slotted", "Slotted(a=1)", "Slotted()"],
        ["names", "Counter({'a': 2, 'b': 1, 'c': 1})", "Counter({'a': 2, 'b': 1})"],
        [
            "long",
            "…, 698, 699, 'changed', 701, 702, 703, 704, 705, 706, 707, …",
            "…, 698, 699, 700, 701, 702, 703, 704, 705, 706, 707, 708, 7…"
        ],
        ["born", "True", null],
    ]);
    let found = value["globals"].as_array().expect("they are known");
    let found: Vec<Value> = found.iter().map(|one| json!([one["name"], one["threads"], one["processes"]])).collect();
    assert_eq!(Value::from(found), expected);
}

#[test]
fn what_differs_in_any_run_is_told_from_what_processes_do() {
    let script = "import os\nprocess = os.getpid()\nprint(process)\n";
    let (_, value) = data(script, &["--runs", "2"], &[]);
    assert_eq!((&value["output"]["is_equal"], &value["output"]["varies"]), (&json!(false), &json!(true)));
    assert_eq!((&value["globals"][0]["name"], &value["globals"][0]["varies"]), (&json!("process"), &json!(true)));
    let conclusions = value["conclusions"].to_string();
    assert!(conclusions.contains("depends on chance") && !conclusions.contains("`process`"), "{conclusions}");
}
