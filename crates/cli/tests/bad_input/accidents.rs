//! Exceptions where nobody can catch them: they are printed, and everything else goes on.

use crate::run_text;

#[test]
fn in_a_thread() {
    let finished = run_text(
        "import threading\n\
         def fails(): raise ValueError('in a thread')\n\
         def works(): print('the other goes on')\n\
         threads = [threading.Thread(target=f) for f in (fails, works)]\n\
         for t in threads: t.start(); t.join()\n\
         print('and so does the main thread')\n",
    );
    assert_eq!((finished.code, finished.out().as_str()), (0, "the other goes on\nand so does the main thread\n"));
    let err = finished.err();
    assert!(err.starts_with("Exception in thread Thread-1 (fails):\nTraceback (most recent call last):\n"), "{err}");
    assert!(err.ends_with("ValueError: in a thread\n"), "{err}");
}

#[test]
fn in_a_finaliser() {
    let finished = run_text(
        "class A:\n    def __del__(self): raise ValueError('in a finaliser')\n\
         a = A()\ndel a\nprint('it goes on')\n",
    );
    assert_eq!((finished.code, finished.out().as_str()), (0, "it goes on\n"));
    let err = finished.err();
    assert!(err.starts_with("Exception ignored in: <function A.__del__ at 0x"), "{err}");
    assert!(err.ends_with("ValueError: in a finaliser\n"), "{err}");
}

#[test]
fn in_a_finaliser_at_the_end_of_the_script() {
    let finished = run_text("class A:\n    def __del__(self): 1 / 0\na = A()\nprint('the end')\n");
    assert_eq!((finished.code, finished.out().as_str()), (0, "the end\n"));
    assert!(finished.err().ends_with("ZeroDivisionError: division by zero\n"), "{}", finished.err());
}

#[test]
fn in_a_generator_that_is_closed_by_its_death() {
    let finished = run_text(
        "def g():\n    try:\n        yield\n    finally:\n        raise ValueError('while closing')\n\
         x = g()\nnext(x)\ndel x\nprint('it goes on')\n",
    );
    assert_eq!((finished.code, finished.out().as_str()), (0, "it goes on\n"));
    assert!(finished.err().ends_with("ValueError: while closing\n"), "{}", finished.err());
}
