//! `cargo bench -p toy --bench counting`: what it costs to count the instructions of scripts.
//!
//! Builds the interpreter once more without its counting (feature `uncounted`, into `target/uncounted`), and compares the
//! machine instructions that both need for the kernels of the loop, without the start-up. The collector, which runs between
//! counted instructions, is switched off in both.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use support::instructions::{instructions, valgrind_exists};
use support::kernels::KERNELS;
use support::run::{self, TOY};
use support::statistics::geometric_mean;

/// Counting may add at most this part in the mean, and this part to the kernel that suffers most.
const TARGETS: (f64, f64) = (0.03, 0.10);

/// What every script begins with.
const PROLOGUE: &str = "import gc\ngc.disable()\n";

fn main() -> ExitCode {
    run::exit_code(compare())
}

fn compare() -> Result<(), String> {
    if let Err(reason) = valgrind_exists() {
        println!("SKIPPED: {reason}");
        return Ok(());
    }
    let (counted, uncounted) = (PathBuf::from(TOY), build_uncounted()?);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let script = folder.path().join("script.toy");
    let write = |text: &str| std::fs::write(&script, format!("{PROLOGUE}{text}")).map_err(|error| error.to_string());
    write("import sys\nimport time\n")?;
    let count = |toy: &Path, size| instructions(toy, &script, size).map(|count| count as f64);
    let start_up = (count(&counted, None)?, count(&uncounted, None)?);

    println!("{:<24}{:>14}{:>14}{:>8}", "kernel", "counting", "not counting", "cost");
    let mut ratios = Vec::new();
    for kernel in KERNELS.iter().filter(|kernel| kernel.is_main) {
        write(&std::fs::read_to_string(kernel.path()).map_err(|error| error.to_string())?)?;
        let size = Some(kernel.small);
        let with = count(&counted, size)? - start_up.0;
        let without = count(&uncounted, size)? - start_up.1;
        println!("{:<24}{with:>14.0}{without:>14.0}{:>8}", kernel.name, percent(with / without));
        ratios.push(with / without);
    }
    let (mean, worst) = (geometric_mean(&ratios), ratios.iter().copied().fold(0.0, f64::max));
    let is_reached = mean <= 1.0 + TARGETS.0 && worst <= 1.0 + TARGETS.1;
    let verdict = if is_reached { "reached" } else { "missed" };
    println!("\ngeometric mean {}, worst {}", percent(mean), percent(worst));
    println!("{verdict}: at most {:.0} % in the mean, {:.0} % on the worst", TARGETS.0 * 1e2, TARGETS.1 * 1e2);
    Ok(())
}

fn percent(ratio: f64) -> String {
    format!("{:+.1} %", (ratio - 1.0) * 1e2)
}

/// Builds the interpreter that does not count; gives the program.
fn build_uncounted() -> Result<PathBuf, String> {
    let folder = Path::new(TOY).ancestors().nth(2).ok_or("the interpreter stands in no folder of cargo's")?;
    let folder = folder.join("uncounted");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--package", "toy", "--features", "uncounted", "--target-dir"])
        .arg(&folder)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !status.success() {
        return Err("the interpreter cannot be built without counting".to_owned());
    }
    Ok(folder.join("release/toy"))
}
